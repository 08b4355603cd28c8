import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { OperationStats } from '@sai3bench/stats';
import {
  type AgentPlan,
  parseWorkload,
  planAgent,
  type WorkloadOverrides,
} from '@sai3bench/workload-config';
import { monotonicClock } from '../clock.ts';
import type {
  EndpointChange,
  HostEvent,
  IntervalProgress,
  PoolCondition,
  PoolKnowledge,
  StageReport,
} from '../host/host-messages.ts';
import { HostProcess } from '../host/host-process.ts';
import { layOutThreads, type ThreadLayout } from '../host/thread-layout.ts';
import { chooseWorkers, readCpuLimits } from '../host/worker-choice.ts';
import type { Finding } from '../preflight/finding.ts';

// Caches of datasets must not be left on the host that runs the tests.
const caches = mkdtempSync(join(tmpdir(), 'sai3bench-caches-'));
process.env['SAI3BENCH_CACHE_DIR'] = caches;
afterAll(() => {
  rmSync(caches, { recursive: true, force: true });
});

/** A guard against processes that do not end, wide enough for a machine that stands still for a while. */
const KILL_LIMIT_MS = 60_000;

/** The seed of all data in tests. */
export const DATA_SEED = '42';

/** The plan of one of some agents for a workload, the first unless told which. */
export function planOf(
  yaml: string,
  agentCount = 1,
  overrides: WorkloadOverrides = {},
  agentIndex = 0,
): AgentPlan {
  return planAgent(parseWorkload(yaml, 'test.yaml', undefined, overrides), {
    agentId: `agent-${String(agentIndex + 1)}`,
    agentIndex,
    agentCount,
    entry: undefined,
    runId: 'testrun',
    dataSeed: DATA_SEED,
  });
}

/**
 * The stages of a workload, for `distributed.stages`: by their types, and for a number one that carries out so many
 * operations of the mix, however long that takes. What is done in a time depends on the machine.
 */
export function stageList(...stages: readonly ('prepare' | 'cleanup' | number)[]): string {
  const items = stages.map((stage) =>
    typeof stage === 'number'
      ? `{name: execute, type: hybrid, max_duration: 1h, expected_tasks: ${String(stage)}}`
      : `{name: ${stage}, type: ${stage}}`,
  );
  return `[${items.join(', ')}]`;
}

/** What a stage left. */
export interface StageRecord {
  readonly name: string;
  readonly report: StageReport;
  readonly stats: OperationStats;
  readonly progress: readonly IntervalProgress[];
}

/** An I/O process that a test drives. */
export class TestHost {
  /** What happened to endpoints so far. */
  readonly changes: EndpointChange[] = [];
  /** What the user was told, but for what validation stages have. */
  readonly notices: string[] = [];
  /** What was told of the stage that runs, or that has ended. */
  readonly progress: IntervalProgress[] = [];
  /** How much validation stages have said is known of the objects. */
  readonly coverage: string[] = [];
  /** What it knew of its datasets when it was opened. */
  pools: readonly PoolKnowledge[] = [];
  /** What each prepare stage found. */
  readonly found: { existing: number; missing: number }[] = [];
  /** How its parts of the pools were when it got ready for the last stage. */
  conditions: readonly PoolCondition[] = [];
  /** How it is told the pools are, by a controller that knows of other agents too. */
  told: readonly PoolCondition[] | undefined;
  /** Whether prepare makes every object anew. */
  startOver = false;
  /** Identities of pools of which it makes what is missing nevertheless. */
  goOnWith: readonly string[] = [];
  readonly #plan: AgentPlan;
  readonly #layout: ThreadLayout;
  readonly #process: HostProcess;
  readonly #nowNs = monotonicClock();
  #waiting: ((event: HostEvent) => void) | undefined;

  /** @param workers as `--workers` says */
  constructor(plan: AgentPlan, workers?: number) {
    this.#plan = plan;
    this.#layout = layOutThreads(plan, chooseWorkers(workers, readCpuLimits()));
    this.#process = new HostProcess({
      threadPoolSize: this.#layout.threadPoolSize,
      onEvent: (event) => {
        if (event.type === 'endpoint-changed') this.changes.push(event.change);
        if (event.type === 'notice') this.#note(event.text);
        if (event.type === 'opened') this.pools = event.pools;
        if (event.type === 'stage-loaded') {
          const { existing, missing } = event;
          this.found.push({ existing, missing });
          this.conditions = event.pools;
        }
        if (event.type === 'progress') this.progress.push(event.progress);
        this.#waiting?.(event);
      },
      onDeath: (error) => {
        this.#waiting?.({
          type: 'failed',
          error: {
            code: error.code,
            class: error.class,
            message: error.message,
            attempts: 1,
            retryable: false,
            causes: [],
          },
        });
      },
    });
  }

  #note(text: string): void {
    (text.startsWith('Known of') ? this.coverage : this.notices).push(text);
  }

  /** Runs the checks of the plan. */
  async check(): Promise<Finding[]> {
    const findings: Finding[] = [];
    const checked = this.#until('checked', (event) => {
      if (event.type === 'finding') findings.push(event.finding);
    });
    this.#process.send({
      ...{ type: 'check', plan: this.#plan, layout: this.#layout },
      probeId: 'a1',
    });
    await checked;
    return findings;
  }

  async open(): Promise<void> {
    const opened = this.#until('opened');
    this.#process.send({
      type: 'open',
      plan: this.#plan,
      layout: this.#layout,
      agentIds: Array.from(
        { length: this.#plan.agentCount },
        (_, index) => `agent-${String(index + 1)}`,
      ),
      startedAtMs: Date.now(),
    });
    await opened;
  }

  /** Runs stages, all of them unless told which; `during` is called once each has begun. */
  async runStages(
    indexes = this.#plan.stages.map((_, index) => index),
    during?: (index: number) => void,
  ): Promise<StageRecord[]> {
    const records: StageRecord[] = [];
    for (const index of indexes) {
      const loaded = this.#until('stage-loaded');
      this.#process.send({
        ...{ type: 'load-stage', stage: index, startOver: this.startOver },
        goOnWith: this.goOnWith,
      });
      await loaded;
      this.progress.length = 0;
      const ended = this.#until('stage-ended');
      this.#process.send({
        type: 'begin-stage',
        stage: index,
        startAtNs: this.#nowNs() + 20_000_000,
        pools: this.told ?? this.conditions,
      });
      during?.(index);
      const event = await ended;
      if (event.type !== 'stage-ended') throw new Error('unexpected event');
      const stats = new OperationStats();
      stats.add(event.report.stats);
      const name = this.#plan.stages[index]?.name ?? '';
      records.push({ name, report: event.report, stats, progress: [...this.progress] });
    }
    return records;
  }

  stop(): void {
    this.#process.send({ type: 'stop', reason: 'test' });
  }

  async close(): Promise<void> {
    const closed = this.#until('closed');
    this.#process.send({ type: 'close' });
    await closed;
  }

  async kill(): Promise<boolean> {
    return this.#process.kill(KILL_LIMIT_MS);
  }

  /** The next event of a type; rejects when the process reports a failure. */
  #until(type: HostEvent['type'], also?: (event: HostEvent) => void): Promise<HostEvent> {
    return new Promise((resolve, reject) => {
      this.#waiting = (event) => {
        also?.(event);
        if (event.type === type) resolve(event);
        else if (event.type === 'failed') {
          reject(Object.assign(new Error(event.error.message), { record: event.error }));
        }
      };
    });
  }
}
