import { BenchError, summarizeError, toErrorRecord } from '@sai3bench/errors';
import { ObjectStates } from '@sai3bench/metadata-cache';
import { type AgentPlan, runsMix, type StagePlan } from '@sai3bench/workload-config/plan';
import { monotonicClock } from '../clock.ts';
import { poolIdentity } from '../dataset/pool-identity.ts';
import { type OnProgress, RunDataset } from '../dataset/run-dataset.ts';
import type { KeyListMemory } from '../memory/key-list.ts';
import { forgetDirectories, forgetPuts } from '../memory/run-memory.ts';
import { allocateStageMemory, type StageMemory } from '../memory/stage-memory.ts';
import { runPreflight } from '../preflight/run-preflight.ts';
import { errorLimitsOf } from '../stage/error-limits.ts';
import type { OtherParts } from '../selection/object-picker.ts';
import { PutSpan } from '../stage/put-span.ts';
import { formatDirectories } from '../stage/stage-verdict.ts';
import type { ErrorGroup } from '../stage/error-journal.ts';
import { removeDirectories } from './directory-removal.ts';
import type { HostCommand, HostEvent, PoolCondition } from './host-messages.ts';
import { StageRun } from './stage-run.ts';
import { WorkerFleet } from './worker-fleet.ts';

/** Agents say at most this often how far they have come. */
const PROGRESS_INTERVAL_MS = 1_000;

/** What is about the run, not about the process that carries it out. */
export type RunCommand = Exclude<HostCommand, { type: 'guard' }>;

/** The process that does an agent's I/O: checks, worker threads, stages. Commands are carried out in turn. */
export class RunHost {
  readonly #emit: (event: HostEvent) => void;
  readonly #nowNs = monotonicClock();
  readonly #listed = new Map<number, KeyListMemory>();
  readonly #endpointsOut = new Set<string>();
  readonly #stopping = new AbortController();
  #fleet: WorkerFleet | undefined;
  #running: StageRun | undefined;
  #dataset: RunDataset | undefined;
  readonly #tidyingUp: OnProgress = nowAndThen((what, done, total) => {
    this.#emit({ type: 'tidying-up', what, done, total });
  });
  /** Own objects that were there before the prepare stage. */
  #existing = 0;
  #stageMemory: StageMemory | undefined;
  #prepared = false;
  #directoriesLeft = false;

  constructor(emit: (event: HostEvent) => void) {
    this.#emit = emit;
  }

  /** Carries out one command; what fails is reported, not thrown. */
  async handle(command: RunCommand): Promise<void> {
    try {
      await this.#perform(command);
    } catch (error) {
      this.#emit({ type: 'failed', error: toErrorRecord(error) });
    }
  }

  async #perform(command: RunCommand): Promise<void> {
    switch (command.type) {
      case 'check':
      case 'probe':
        await runPreflight(command, this.#stopping.signal, this.#emit);
        return;
      case 'open':
        await this.#open(command);
        return;
      case 'send-states': {
        const { begin, end, identity, request } = command;
        const states = await this.#openDataset().statesOf(identity, begin, end);
        this.#emit({ type: 'states', request, ...states });
        return;
      }
      case 'take-states':
        this.#learn(command);
        return;
      case 'load-stage':
        await this.#load(command);
        return;
      case 'begin-stage':
        await this.#runStage(command);
        return;
      case 'stop':
        this.#stopping.abort();
        this.#stopWork();
        return;
      case 'stop-stage':
        if (this.#running !== undefined) this.#stopWork();
        return;
      case 'close':
        await this.#close();
        return;
    }
  }

  #stopWork(): void {
    this.#fleet?.setStop(true);
    this.#running?.stop();
    this.#fleet?.broadcast({ type: 'cancel' });
  }

  async #open(command: Extract<HostCommand, { type: 'open' }>): Promise<void> {
    const { agentIds, layout, plan, startedAtMs } = command;
    this.#fleet = await WorkerFleet.start(plan, layout);
    this.#dataset = await RunDataset.open({
      ...{ plan, memory: this.#fleet.memory, agentIds, startedAtMs },
      stopping: this.#stopping.signal,
      notify: (level, text) => {
        this.#emit({ type: 'notice', level, text });
      },
    });
    this.#emit({ type: 'opened', pools: this.#dataset.knowledge() });
  }

  #learn(command: Extract<HostCommand, { type: 'take-states' }>): void {
    const { identity, range, request } = command;
    this.#openDataset().learn(identity, range, command);
    this.#emit({ type: 'states-taken', request });
  }

  /** Does what a stage needs before its clock starts. */
  async #load(command: Extract<HostCommand, { type: 'load-stage' }>): Promise<void> {
    const { goOnWith, stage: stageIndex, startOver } = command;
    const { memory, plan } = this.#openFleet();
    const { kind } = stageOf(plan, stageIndex);
    const onProgress = nowAndThen((what, done, total) => {
      this.#emit({ type: 'stage-loading', stage: stageIndex, what, done, total });
    });
    const startsOver = (identity: string): boolean => startOver && !goOnWith.includes(identity);
    const found = await this.#openDataset().load(kind, startsOver, onProgress);
    this.#stageMemory = allocateStageMemory(plan, memory, kind);
    if (runsMix(kind)) {
      await this.#listKeys(plan, (seen) => {
        onProgress('listing objects', seen, 0);
      });
      await this.#warmUp();
    }
    if (kind === 'validation') this.#tellCoverage();
    this.#existing = found.existing;
    const pools = this.#openDataset().conditions();
    this.#emit({ type: 'stage-loaded', stage: stageIndex, ...found, pools });
  }

  #tellCoverage(): void {
    for (const text of this.#openDataset().coverage()) {
      this.#emit({ type: 'notice', level: 'info', text });
    }
  }

  /**
   * Makes the connections that servers have closed since, or that were given up at the end of the stage before: the clock of
   * a measurement is not to wait for them.
   */
  async #warmUp(): Promise<void> {
    const fleet = this.#openFleet();
    const able = fleet.workers.filter(({ busy }) => !busy);
    await Promise.all(
      able.map((worker) => fleet.ask(worker, (request) => ({ type: 'warm-up', request }))),
    );
  }

  /** Lists the keys that an execute stage needs and that cannot be computed. */
  async #listKeys(plan: AgentPlan, onSeen: (objects: number) => void): Promise<void> {
    const fleet = this.#openFleet();
    const entries = plan.operations.flatMap((operation, entry) =>
      'source' in operation && operation.source.type === 'listing' ? [entry] : [],
    );
    const [worker] = fleet.workers;
    if (entries.length === 0 || worker === undefined) return;
    // What the stage before has listed makes room.
    this.#listed.clear();
    const unlisten = fleet.listen((event) => {
      if (event.type === 'listing-keys') onSeen(event.seen);
    });
    try {
      const answer = await fleet.ask(worker, (request) => ({
        type: 'list-keys',
        request,
        entries,
      }));
      if (answer.type !== 'keys-listed') return;
      for (const [entry, keys] of answer.listed) this.#listed.set(entry, keys);
    } finally {
      unlisten();
    }
  }

  async #runStage(command: Extract<HostCommand, { type: 'begin-stage' }>): Promise<void> {
    const { pools, stage: stageIndex, startAtNs } = command;
    const fleet = this.#openFleet();
    const stage = stageOf(fleet.plan, stageIndex);
    const aloneOnStorage = fleet.plan.agentCount === 1;
    const memory = this.#stageMemory ?? allocateStageMemory(fleet.plan, fleet.memory, stage.kind);
    this.#running = new StageRun({
      fleet,
      stage,
      startAtNs,
      drainTimeoutMs: fleet.plan.drainTimeoutMs,
      nowNs: this.#nowNs,
      memory,
      listed: this.#listed,
      prepared: this.#prepared,
      others: othersOf(fleet.plan, pools),
      tasksTotal: this.#countTasks(stage),
      tasksExisted: stage.kind === 'prepare' ? this.#existing : 0,
      endpointsOut: this.#endpointsOut,
      ...(stage.kind === 'cleanup' ? { tidyUp: () => this.#afterCleanup(aloneOnStorage) } : {}),
      onProgress: (progress) => {
        this.#emit({ type: 'progress', stage: stageIndex, progress });
      },
      onEndpointChange: (change) => {
        this.#emit({ type: 'endpoint-changed', change });
      },
    });
    const ended = this.#running.run();
    if (this.#stopping.signal.aborted) this.#running.stop();
    const report = await ended;
    this.#running = undefined;
    const slowdown = errorLimitsOf(fleet.plan, stage.kind, memory)?.slowdown;
    if (slowdown !== undefined) {
      this.#emit({ type: 'notice', level: 'warn', text: `⚠ In stage ${stage.name} ${slowdown}` });
    }
    await this.#openDataset().stageEnded(stage.kind, report.outcome === 'completed');
    if (stage.kind === 'prepare') this.#prepared = true;
    if (stage.kind === 'cleanup') {
      forgetPuts(fleet.memory);
      if (aloneOnStorage) forgetDirectories(fleet.plan, fleet.memory);
      this.#directoriesLeft = !aloneOnStorage && report.outcome === 'completed';
    }
    this.#emit({ type: 'stage-ended', stage: stageIndex, report });
  }

  #countTasks({ kind, operations = 0 }: StagePlan): number {
    const { memory, plan } = this.#openFleet();
    if (kind === 'hybrid') return operations;
    if (kind === 'prepare' || kind === 'verify') {
      const all = plan.pools.reduce((sum, { own }) => sum + own.end - own.begin, 0);
      return kind === 'verify' ? all : all - this.#existing;
    }
    if (kind !== 'cleanup') return 0;
    const puts = new PutSpan(plan, new Float64Array(memory.putCounters));
    return plan.pools.reduce((sum, { own }, pool) => {
      const count = own.end - own.begin;
      const states = memory.poolStates[pool];
      if (states === undefined) return sum;
      const objects = new ObjectStates(states, count);
      const ledgered = ['creating', 'created', 'failed'] as const;
      return ledgered.reduce((some, state) => some + objects.countOf(state), sum);
    }, puts.total);
  }

  /** What a cleanup stage still has to do when the objects are deleted. */
  async #afterCleanup(aloneOnStorage: boolean): Promise<readonly ErrorGroup[]> {
    const dataset = this.#openDataset();
    const uploads = await dataset.abortUploads(this.#tidyingUp);
    const left = [...uploads, ...(await dataset.deleteVersions(this.#tidyingUp))];
    return aloneOnStorage ? [...left, ...(await this.#tidyUp())] : left;
  }

  /** Removes what else a cleanup stage has left: first the checkpoint, which tells of nothing any more. */
  async #tidyUp(): Promise<readonly ErrorGroup[]> {
    await this.#openDataset().cleanedUp(this.#tidyingUp);
    return this.#removeDirectories();
  }

  /**
   * Removes what directories a cleanup stage has left. With other agents on the same storage, that is only known when
   * all of them have deleted their objects.
   */
  async #removeDirectories(): Promise<readonly ErrorGroup[]> {
    const fleet = this.#openFleet();
    return removeDirectories({
      fleet,
      aloneOnStorage: fleet.plan.agentCount === 1,
      stopped: () => this.#stopping.signal.aborted,
      onProgress: (tried, total) => {
        this.#tidyingUp('removing directories', tried, total);
      },
      nowMs: () => performance.now(),
    });
  }

  async #close(): Promise<void> {
    if (this.#directoriesLeft) {
      const left = await this.#tidyUp();
      if (left.length > 0) this.#tellLeft(leftError(left));
    }
    await this.#dataset?.close(this.#tidyingUp);
    await this.#fleet?.close();
    this.#emit({ type: 'closed' });
  }

  /** That directories are left: no failure of a clean-up that does what it can. */
  #tellLeft(error: BenchError): void {
    if (this.#openFleet().plan.cleanup.mode === 'besteffort') {
      this.#emit({ type: 'notice', level: 'warn', text: `⚠ ${summarizeError(error)}` });
    } else this.#emit({ type: 'failed', error: toErrorRecord(error) });
  }

  #openDataset(): RunDataset {
    if (this.#dataset !== undefined) return this.#dataset;
    throw new BenchError('no run is open', { code: 'HOST_NOT_OPEN', class: 'internal' });
  }

  #openFleet(): WorkerFleet {
    if (this.#fleet !== undefined) return this.#fleet;
    throw new BenchError('no run is open', { code: 'HOST_NOT_OPEN', class: 'internal' });
  }
}

/** Passes progress on, but not more often than somebody wants to know. */
function nowAndThen(tell: OnProgress): OnProgress {
  let toldAtMs = performance.now();
  return (what, done, total) => {
    if (performance.now() - toldAtMs < PROGRESS_INTERVAL_MS) return;
    toldAtMs = performance.now();
    tell(what, done, total);
  };
}

/** What other agents have of the pools of the plan; of what is not known, nothing is taken for granted. */
function othersOf(plan: AgentPlan, conditions: readonly PoolCondition[]): OtherParts[] {
  const byIdentity = new Map(conditions.map((condition) => [condition.identity, condition]));
  return plan.pools.map((pool) => {
    const { isOurs = false, isWhole = true } = byIdentity.get(poolIdentity(pool)) ?? {};
    return { areOurs: isOurs, areThere: isWhole };
  });
}

/** Directories that are left when everybody has deleted their objects. */
function leftError(left: readonly ErrorGroup[]): BenchError {
  const [first] = left;
  const count = left.reduce((sum, group) => sum + group.count, 0);
  return new BenchError(`${formatDirectories(count)} could not be removed`, {
    code: 'CLEANUP_INCOMPLETE',
    class: first?.class ?? 'internal',
    hint: first?.hint,
    endpoint: first?.endpoint,
    key: first?.key,
    cause: first === undefined ? undefined : { message: first.message },
  });
}

function stageOf(plan: AgentPlan, index: number): StagePlan {
  const stage = plan.stages[index];
  if (stage !== undefined) return stage;
  throw new BenchError(`the plan has no stage ${String(index)}`, {
    code: 'HOST_NO_STAGE',
    class: 'internal',
  });
}
