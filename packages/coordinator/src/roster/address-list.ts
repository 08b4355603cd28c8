import { DEFAULT_AGENT_PORT, isLoopbackHost } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';

/** Ranges that name more hosts than this are taken for a mistake. */
const MAX_HOSTS = 10_000;

/**
 * The addresses that a list names: separated by commas, with ranges in brackets (`node[01-32]:7167`,
 * `rack[1,3-5]-n[1-4]`) and files of one address per line (`@hosts.txt`). Addresses without a port get the default.
 *
 * @param readFile reads a file that the list names
 * @throws BenchError `AGENT_LIST` for a list that cannot be understood, is empty, or names an agent twice
 */
export function expandAddresses(list: string, readFile: (path: string) => string): string[] {
  const addresses = splitOutsideBrackets(list)
    .flatMap((item) => (item.startsWith('@') ? linesOf(item.slice(1), readFile) : [item]))
    .flatMap(expandRanges)
    .map(withPort);
  if (addresses.length === 0) throw invalid(`"${list}" names no agent`);
  refuseDuplicates(addresses);
  return addresses;
}

/** @throws BenchError `AGENT_LIST` when an address appears twice */
export function refuseDuplicates(addresses: readonly string[]): void {
  const seen = new Set<string>();
  for (const address of addresses) {
    if (seen.has(address)) throw invalid(`agent ${address} is named twice`);
    seen.add(address);
  }
}

/** An address with its port; 7167 when it has none. IPv6 addresses are in brackets. */
export function withPort(address: string): string {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:[\]/@]+)(?::(\d{1,5}))?$/i.exec(address);
  const port = match?.[2] === undefined ? DEFAULT_AGENT_PORT : Number(match[2]);
  if (match?.[1] === undefined || port === 0 || port > 65_535) {
    throw invalid(`"${address}" is not the address of an agent`);
  }
  return `${match[1]}:${String(port)}`;
}

/** Whether `host:port` or `host` is this host alone, so that what is said to it cannot be overheard. */
export function isLoopbackAddress(address: string): boolean {
  const host = /^(?:\[(.*)\]|([^:]*))(?::\d+)?$/.exec(address);
  return isLoopbackHost((host?.[1] ?? host?.[2] ?? '').toLowerCase());
}

function splitOutsideBrackets(list: string): string[] {
  const items = [''];
  let depth = 0;
  for (const character of list) {
    if (character === '[') depth++;
    if (character === ']') depth--;
    if (character === ',' && depth === 0) items.push('');
    else items.push(`${items.pop() ?? ''}${character}`);
  }
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

function linesOf(path: string, readFile: (path: string) => string): string[] {
  let text: string;
  try {
    text = readFile(path);
  } catch (cause) {
    throw new BenchError(`cannot read the list of agents ${path}`, {
      code: 'AGENT_LIST',
      class: 'config',
      hint: 'after @ comes the name of a file with one address per line',
      cause,
    });
  }
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/** `n[1-3]` as `n1`, `n2`, `n3`. Brackets with colons in them are IPv6 addresses. */
function expandRanges(text: string): string[] {
  const match = /^(.*?)\[([\d,\s-]+)\](.*)$/.exec(text);
  if (match === null) return [text];
  const [, before = '', ranges = '', after = ''] = match;
  const rest = expandRanges(after);
  return ranges
    .split(',')
    .flatMap((range) => numbersOf(range.trim(), text))
    .flatMap((number) => rest.map((tail) => `${before}${number}${tail}`));
}

function numbersOf(range: string, text: string): string[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(range);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || last < first || last - first >= MAX_HOSTS) {
    throw invalid(`"${text}" has a range that counts wrongly: ${range}`);
  }
  const width = match[1]?.length ?? 0;
  return Array.from({ length: last - first + 1 }, (_, index) =>
    String(first + index).padStart(width, '0'),
  );
}

function invalid(message: string): BenchError {
  return new BenchError(message, {
    code: 'AGENT_LIST',
    class: 'config',
    hint: 'write host:port,host:port with ranges like node[01-32]:7167, or @file with one address per line',
  });
}
