import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import type { ResultsDirectory } from '@sai3bench/results-dir';
import { StopSignal } from '../run/stop-signal.ts';
import { type LeftRun, readLeftRun } from '../takeover/left-run.ts';
import type { FakeAgent } from './fake-agent.ts';
import type { FakeBehavior } from './fake-behavior.ts';
import { type FakeRun, type RunSetup, WORKLOAD } from './fake-runs.ts';

/** Time for what a controller writes soon after. */
const SOON_MS = 100;
/** The controller that counts as killed gives its agents up soon. */
const IMPATIENT = `${WORKLOAD}distributed: {reconnect_grace: 1s, shared_filesystem: true}\n`;

/** What a test does to the controller of a run. */
export interface KilledController {
  /** Kills it, after everything that it does at the same time. */
  readonly kill: () => void;
  /** From now on, it has no time to write how far the reports of its agents are written. */
  readonly keepProgress: () => void;
  /** Lets it write nothing more that takes room. */
  readonly fillDisk: () => void;
}

/** What a run is like whose controller is killed. */
export interface KilledRunSetup {
  readonly workload?: string;
  readonly stop?: StopSignal;
  /** The same of the controller that takes the run over. */
  readonly secondStop?: StopSignal;
  /** Whether the agents end with the controller. */
  readonly ownsAgents?: boolean;
  readonly behaviorsOf: (controller: KilledController) => FakeBehavior[];
}

/** Leads a run until the test kills the controller, and takes it over from what that has left. */
export async function killAndTakeOver(
  run: (setup: RunSetup) => Promise<FakeRun>,
  {
    behaviorsOf,
    ownsAgents = false,
    secondStop = new StopSignal(),
    stop = new StopSignal(),
    workload = IMPATIENT,
  }: KilledRunSetup,
): Promise<{ second: FakeRun; agents: readonly FakeAgent[] }> {
  let copied: (path: string) => void = () => undefined;
  const left = new Promise<string>((resolve) => (copied = resolve));
  let path = '';
  let results: ResultsDirectory | undefined;
  let agents: readonly FakeAgent[] = [];
  let kept: Partial<LeftRun> = {};
  const keepProgress = (): void => {
    kept = { progress: readLeftRun(path).progress };
  };
  const fillDisk = (): void => {
    const full = (): never => {
      throw new BenchError('no space left', {
        ...{ code: 'RESULTS_WRITE_FAILED', class: 'resource', hint: 'free space' },
      });
    };
    if (results === undefined) return;
    results.writeStatus = full;
    results.journal.add = full;
    results.journal.writeProgress = full;
  };
  const kill = (): void => {
    setTimeout(() => {
      const copy = join(path, '..', 'left');
      cpSync(path, copy, { recursive: true });
      for (const agent of agents) agent.forgetController();
      copied(copy);
    }, SOON_MS);
  };
  const first = run({
    workload,
    ...{ ownsAgents, stop },
    behaviors: behaviorsOf({ kill, keepProgress, fillDisk }),
    before: (made, fakes) => {
      results = made;
      path = made.path;
      agents = fakes;
    },
  });
  const copy = await left;
  const second = await run({
    workload,
    stop: secondStop,
    behaviors: [],
    takesOver: { path: copy, left: { ...readLeftRun(copy), ...kept }, fakes: agents },
  });
  await first;
  return { second, agents };
}
