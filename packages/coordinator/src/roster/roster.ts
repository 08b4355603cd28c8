import { BenchError } from '@sai3bench/errors';
import type { AgentEntry } from '@sai3bench/workload-config';
import { expandAddresses, refuseDuplicates, withPort } from './address-list.ts';

/** One agent of a run. */
export interface RosterEntry {
  readonly id: string;
  /** `host:port` */
  readonly address: string;
  /** What the workload file says of it, if it names it. */
  readonly entry: AgentEntry | undefined;
}

/** Stands for the address of an agent that is not started yet. */
const LOCAL_ADDRESS = 'started for the run';

/** The agents of a run, and where the list came from, in words. */
export interface Roster {
  readonly agents: readonly RosterEntry[];
  /** Whether the one agent is to be started for the run; its address is not known yet. */
  readonly isLocal: boolean;
  readonly source: string;
}

/** What the command line says about agents. */
export interface RosterOptions {
  /** `--agents`. */
  readonly agents: string | undefined;
  /** `--agent-ids`. */
  readonly agentIds: string | undefined;
  readonly readFile: (path: string) => string;
}

/**
 * The agents of a run: those of the command line, else those of the workload file, else one that is started for the
 * run.
 *
 * @param entries the agents of the workload file
 * @throws BenchError `AGENT_LIST` when a list cannot be understood, `AGENT_IDS` for ids that do not fit
 */
export function resolveRoster(entries: readonly AgentEntry[], options: RosterOptions): Roster {
  const fromFile = entries.map(({ address }) => withPort(address));
  refuseDuplicates(fromFile);
  const fromFlag =
    options.agents === undefined ? undefined : expandAddresses(options.agents, options.readFile);
  const listed = fromFlag ?? fromFile;
  const isLocal = listed.length === 0;
  const addresses = isLocal ? [LOCAL_ADDRESS] : listed;
  const entryOf = (address: string): AgentEntry | undefined => entries[fromFile.indexOf(address)];
  const ids = resolveIds(
    addresses.map((address) => entryOf(address)?.id),
    options.agentIds,
  );
  const agents = addresses.map((address, index) => ({
    id: ids[index] ?? '',
    address,
    entry: entryOf(address),
  }));
  const known = agents.filter(({ entry }) => entry !== undefined).length;
  return { agents, isLocal, source: describeSource(fromFlag !== undefined, entries.length, known) };
}

/** Ids of the flag, else those of the file; the others are agent-1, agent-2 and so on. */
function resolveIds(fromFile: readonly (string | undefined)[], flag: string | undefined): string[] {
  const given = flag?.split(',').map((id) => id.trim());
  if (given !== undefined && given.length !== fromFile.length) {
    throw invalidIds(
      `--agent-ids has ${plural(given.length, 'id')} for ${plural(fromFile.length, 'agent')}`,
    );
  }
  const taken = new Set(fromFile);
  const ids = fromFile.map((id, index) => given?.[index] ?? id ?? freeId(index + 1, taken));
  for (const [index, id] of ids.entries()) {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(id)) throw invalidIds(`"${id}" cannot be the id of an agent`);
    if (ids.indexOf(id) !== index) throw invalidIds(`two agents have the id ${id}`);
  }
  return ids;
}

/** `agent-N`, or the next that nobody has. */
function freeId(number: number, taken: Set<string | undefined>): string {
  let id = `agent-${String(number)}`;
  while (taken.has(id)) id = `agent-${String(++number)}`;
  taken.add(id);
  return id;
}

function describeSource(fromFlag: boolean, inFile: number, known: number): string {
  if (!fromFlag) {
    return inFile > 0
      ? 'distributed.agents of the workload file'
      : 'neither --agents nor distributed.agents: one local agent';
  }
  if (inFile === 0) return '--agents';
  return known === 0
    ? '--agents; distributed.agents of the workload file is not used'
    : `--agents; distributed.agents of the workload file has settings for ${String(known)} of them`;
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function invalidIds(message: string): BenchError {
  return new BenchError(message, {
    code: 'AGENT_IDS',
    class: 'config',
    hint: 'ids are separated by commas, one for each agent, and consist of letters, digits, _ . and -',
  });
}
