import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type LeftRun, readLeftRun } from '../takeover/left-run.ts';
import type { FakeAgent, FakeBehavior } from './fake-agent.ts';
import { type FakeRun, type RunSetup, WORKLOAD } from './fake-runs.ts';

/** Time for what a controller writes soon after. */
const SOON_MS = 100;
/** The controller that counts as killed gives its agents up soon. */
const IMPATIENT = `${WORKLOAD}distributed: {reconnect_grace: 1s, shared_filesystem: true}\n`;

/** Kills a controller: after everything that it does at the same time. */
export type Kill = () => void;

/** What a run is like whose controller is killed. */
export interface KilledRunSetup {
  readonly workload?: string;
  readonly behaviorsOf: (kill: Kill) => FakeBehavior[];
  /** What was written in time; everything by default. */
  readonly inTime?: (left: LeftRun) => LeftRun;
}

/** Leads a run until the test kills the controller, and takes it over from what that has left. */
export async function killAndTakeOver(
  run: (setup: RunSetup) => Promise<FakeRun>,
  { behaviorsOf, inTime = (left) => left, workload = IMPATIENT }: KilledRunSetup,
): Promise<{ second: FakeRun; agents: readonly FakeAgent[] }> {
  let copied: (path: string) => void = () => undefined;
  const left = new Promise<string>((resolve) => (copied = resolve));
  let path = '';
  let agents: readonly FakeAgent[] = [];
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
    behaviors: behaviorsOf(kill),
    before: (results, fakes) => {
      path = results.path;
      agents = fakes;
    },
  });
  const copy = await left;
  const second = await run({
    workload,
    behaviors: [],
    takesOver: { path: copy, left: inTime(readLeftRun(copy)), fakes: agents },
  });
  await first;
  return { second, agents };
}
