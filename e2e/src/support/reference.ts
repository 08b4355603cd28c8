import { readFileSync } from 'node:fs';

const REFERENCE = readFileSync(new URL('../../../docs/results.md', import.meta.url), 'utf8');

/** The first cells of the first table below a heading of docs/results.md, without backticks. */
export function namesBelow(heading: string): string[] {
  const lines = REFERENCE.split('\n');
  const at = lines.findIndex((line) => line.replace(/^#+ /, '') === heading);
  const begin = lines.findIndex((line, index) => index > at && line.startsWith('|'));
  const end = lines.findIndex((line, index) => index > begin && !line.startsWith('|'));
  if (at < 0 || begin < 0) throw new RangeError(`docs/results.md has no table below ${heading}`);
  return lines
    .slice(begin + 2, end)
    .map((line) => (line.split('|')[1] ?? '').trim().replaceAll('`', ''));
}
