import { BenchError } from '@sai3bench/errors';
import type { AgentEntry } from '@sai3bench/workload-config';
import { expandAddresses, isLoopbackAddress, refuseDuplicates, withPort } from './address-list.ts';

/** One agent of a run. */
export interface RosterEntry {
  readonly id: string;
  /** `host:port` */
  readonly address: string;
  /** What the workload file says of it, if it names it. */
  readonly entry: AgentEntry | undefined;
}

/** The agents of a run, and where the list came from, in words. */
export interface Roster {
  readonly agents: readonly RosterEntry[];
  readonly source: string;
}

/** What the command line says about agents. */
export interface RosterOptions {
  /** `--agents`. */
  readonly agents: string | undefined;
  /** `--agent-ids`. */
  readonly agentIds: string | undefined;
  readonly insecure: boolean;
  readonly readFile: (path: string) => string;
}

/**
 * The agents of a run: those of the command line, else those of the workload file; undefined when neither names any
 * and a local one is to be started.
 *
 * @param entries the agents of the workload file
 * @throws BenchError `AGENT_LIST` when a list cannot be understood, `AGENT_INSECURE` when an agent is on another
 *   host and plaintext was not allowed
 */
export function resolveRoster(
  entries: readonly AgentEntry[],
  options: RosterOptions,
): Roster | undefined {
  const fromFile = entries.map(({ address }) => withPort(address));
  refuseDuplicates(fromFile);
  const fromFlag =
    options.agents === undefined ? undefined : expandAddresses(options.agents, options.readFile);
  const addresses = fromFlag ?? fromFile;
  if (addresses.length === 0) return undefined;
  const matching = (address: string, index: number): AgentEntry | undefined =>
    fromFlag === undefined ? entries[index] : entries[fromFile.indexOf(address)];
  const ids = resolveIds(
    addresses.map((address, index) => matching(address, index)?.id),
    options.agentIds,
  );
  const agents = addresses.map((address, index) => ({
    id: ids[index] ?? '',
    address,
    entry: matching(address, index),
  }));
  if (!options.insecure) refuseRemote(agents);
  return { agents, source: describeSource(fromFlag !== undefined, entries.length > 0) };
}

/** Ids of the flag, else those of the file, else agent-1, agent-2 and so on. */
function resolveIds(fromFile: readonly (string | undefined)[], flag: string | undefined): string[] {
  const given = flag?.split(',').map((id) => id.trim());
  if (given !== undefined && given.length !== fromFile.length) {
    throw invalidIds(
      `--agent-ids names ${String(given.length)} agents, but there are ${String(fromFile.length)}`,
    );
  }
  const ids = fromFile.map((id, index) => given?.[index] ?? id ?? `agent-${String(index + 1)}`);
  for (const [index, id] of ids.entries()) {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(id)) throw invalidIds(`"${id}" cannot be the id of an agent`);
    if (ids.indexOf(id) !== index) throw invalidIds(`two agents have the id ${id}`);
  }
  return ids;
}

function refuseRemote(agents: readonly RosterEntry[]): void {
  const remote = agents.find(({ address }) => !isLoopbackAddress(address));
  if (remote === undefined) return;
  throw new BenchError(
    `agent ${remote.id} at ${remote.address} is on another host, and the link is not encrypted`,
    {
      code: 'AGENT_INSECURE',
      class: 'config',
      hint: 'add --insecure here and on sai3bench-agent if the network can be trusted',
    },
  );
}

function describeSource(fromFlag: boolean, fileNamesAgents: boolean): string {
  if (!fromFlag) return 'distributed.agents of the workload file';
  return fileNamesAgents
    ? '--agents (distributed.agents of the workload file is not used)'
    : '--agents';
}

function invalidIds(message: string): BenchError {
  return new BenchError(message, {
    code: 'AGENT_IDS',
    class: 'config',
    hint: 'ids are separated by commas, one for each agent, and consist of letters, digits, _ . and -',
  });
}
