import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { ResultsDirectory, type StageRecord } from '@sai3bench/results-dir';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { parseWorkload } from '@sai3bench/workload-config';
import { planRun } from '../run/plan-run.ts';
import { coordinateRun } from '../run/run-coordinator.ts';
import type { RunObserver } from '../run/run-observer.ts';
import { StopSignal } from '../run/stop-signal.ts';
import { type LeftRun, lengthsToKeep } from '../takeover/left-run.ts';
import { FakeAgent } from './fake-agent.ts';
import type { FakeBehavior } from './fake-behavior.ts';

/** Prepares, executes and cleans up. */
export const WORKLOAD = `
target: s3://b/
duration: 1s
prepare: {ensure_objects: [{count: 10}], cleanup: true}
workload: [{op: get, path: "*", weight: 1}]
`;
/** Stages of the workload by position. */
export const [, PREPARE, EXECUTE, CLEANUP] = [0, 1, 2, 3];

/** What a run is like. */
export interface RunSetup {
  readonly behaviors: readonly FakeBehavior[];
  readonly workload?: string;
  readonly stop?: StopSignal;
  /** Whether the agents end with the controller. */
  readonly ownsAgents?: boolean;
  readonly startDelayMs?: number;
  readonly startOver?: boolean;
  readonly leftHints?: () => readonly string[];
  /** Called when the run waits after prepare. */
  readonly onSettling?: () => void;
  /** Called with the results directory and the agents before the run. */
  readonly before?: (results: ResultsDirectory, fakes: readonly FakeAgent[]) => void;
  /** What a controller has left that was killed, and the agents that it has led. */
  readonly takesOver?: {
    readonly path: string;
    readonly left: LeftRun;
    readonly fakes: readonly FakeAgent[];
  };
}

/** A run over fake agents, and everything that it left. */
export type FakeRun = Awaited<ReturnType<typeof runIn>>;

/** Call it once, where a file of tests begins: runs leave their results in directories that each test has for itself. */
export function fakeRuns(): (setup: RunSetup) => Promise<FakeRun> {
  let parent: TemporaryDirectory;
  beforeEach(() => {
    parent = temporaryDirectory();
  });
  afterEach(() => {
    parent.remove();
  });
  return (setup) => runIn(parent.path, setup);
}

/** How far apart the starts of a stage may be at most that agents were ordered, by what is known of their clocks. */
export function startErrorNs(stage: StageRecord | undefined): number {
  // Told to a thousandth of a millisecond.
  return (stage?.starts ?? []).reduce(
    (sum, start) => sum + (start.clock_error_ms + 0.001) * 1e6,
    0,
  );
}

async function runIn(parent: string, setup: RunSetup) {
  const stop = setup.stop ?? new StopSignal();
  const { takesOver } = setup;
  const fakes = takesOver?.fakes ?? setup.behaviors.map((behavior) => new FakeAgent(behavior));
  const results =
    takesOver === undefined
      ? ResultsDirectory.create(parent, 'test', new Date())
      : ResultsDirectory.reopen(takesOver.path, lengthsToKeep(takesOver.left));
  setup.before?.(results, fakes);
  const events: string[] = [];
  const observer = new Proxy({} as RunObserver, {
    get: (_, name: string) => (first: unknown) => {
      const isText = typeof first === 'string';
      if (name === 'settling') setup.onSettling?.();
      if (name === 'objectsFound') events.push(`${name}: ${JSON.stringify(first)}`);
      if (name !== 'stageProgress') events.push(isText ? `${name}: ${first}` : name);
    },
  });
  const workload = parseWorkload(setup.workload ?? WORKLOAD, 'w.yaml');
  const agents = fakes.map((_, index) => ({
    id: `agent-${String(index + 1)}`,
    address: `fake:${String(index + 1)}`,
    entry: undefined,
  }));
  const outcome = await coordinateRun({
    workload,
    agents,
    plans: planRun(workload, agents, { runId: 'run', dataSeed: '1' }),
    connect: (address) => {
      const fake = fakes[Number(address.split(':')[1]) - 1];
      if (fake === undefined) throw new Error('no such agent');
      return fake.connect();
    },
    results,
    observer,
    ...(takesOver === undefined ? {} : { left: takesOver.left }),
    stop,
    ownsAgents: takesOver?.left.run.ownsAgents ?? setup.ownsAgents ?? false,
    runId: 'run',
    version: '1.0.0',
    startDelayMs: setup.startDelayMs ?? 0,
    startOver: setup.startOver ?? false,
    leftHints: setup.leftHints ?? (() => []),
    startedAtMs: 1_771_457_009_000,
    metadata: {
      version: '1.0.0',
      test_name: 'test',
      config_path: 'w.yaml',
      command_line: ['sai3bench-ctl', 'run'],
      hostname: 'here',
      distributed: true,
      agents: [],
      data_seed: '1',
      config_hash: 'h',
      run_id: 'run',
    },
    nowNs: () => Number(process.hrtime.bigint()),
    now: () => new Date(),
  });
  results.close();
  const read = (name: string): string => readFileSync(join(results.path, name), 'utf8');
  return { outcome, fakes, events, read, path: results.path };
}
