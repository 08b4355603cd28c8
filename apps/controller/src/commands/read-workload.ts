import { dirname, resolve } from 'node:path';
import { planRun, resolveRoster, type Roster } from '@sai3bench/coordinator';
import { BenchError } from '@sai3bench/errors';
import {
  type AgentPlan,
  parseWorkload,
  sizeFilesOf,
  type Workload,
  type WorkloadOverrides,
} from '@sai3bench/workload-config';
import type { ProcessIo } from '../process-io.ts';
import { readSizeFiles } from './read-size-files.ts';

/** What the command line says of a workload and its agents. */
export interface WorkloadOptions {
  readonly config: string;
  readonly agents?: string;
  readonly agentIds?: string;
  /** Worker threads of the agent that is started on this host. */
  readonly workers?: number;
  /** Whether that agent may run programs. */
  readonly allowExec: boolean;
}

/** A workload that is understood, who is to carry it out, and what each of them is to do. */
export interface ReadWorkload {
  /** The file as it is written. */
  readonly text: string;
  readonly workload: Workload;
  readonly roster: Roster;
  /** In the order of the agents. */
  readonly plans: readonly AgentPlan[];
}

/**
 * Reads a workload file and plans it for its agents.
 *
 * @throws BenchError for mistakes in the command line and the workload file
 */
export async function readWorkload(
  options: WorkloadOptions,
  io: ProcessIo,
  run: { readonly runId: string; readonly dataSeed: string },
  overrides: WorkloadOverrides,
): Promise<ReadWorkload> {
  const text = readConfig(options.config, io);
  const sizes = await readSizeFiles(sizeFilesOf(text), dirname(resolve(io.cwd, options.config)));
  const workload = parseWorkload(text, options.config, sizes, overrides);
  const roster = resolveRoster(workload.agents, {
    agents: options.agents,
    agentIds: options.agentIds,
    readFile: (path) => io.readFile(resolve(io.cwd, path)),
  });
  refuseLocalOptions(options, roster);
  return { text, workload, roster, plans: planRun(workload, roster.agents, run) };
}

function readConfig(path: string, io: ProcessIo): string {
  try {
    return io.readFile(resolve(io.cwd, path));
  } catch (cause) {
    throw new BenchError(`cannot read the workload file ${path}`, {
      code: 'CONFIG_UNREADABLE',
      class: 'config',
      hint: 'check the path given with --config; examples/ has workload files to start from',
      cause,
    });
  }
}

/** What the agent is told that is started here is lost on others. */
function refuseLocalOptions(
  { allowExec, workers }: WorkloadOptions,
  { isLocal, source }: Roster,
): void {
  const option = workers === undefined ? '--allow-exec' : '--workers';
  if (isLocal || (workers === undefined && !allowExec)) return;
  throw new BenchError(
    `${option} is for the agent that is started on this host, but the agents are from ${source}`,
    {
      code: 'OPTION_NOT_LOCAL',
      class: 'config',
      hint: `give ${option} to each sai3bench-agent instead`,
    },
  );
}
