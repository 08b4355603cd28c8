import { BenchError, toErrorRecord } from '@sai3bench/errors';
import { ObjectStates } from '@sai3bench/metadata-cache';
import type { AgentPlan, StageKind, StagePlan } from '@sai3bench/workload-config';
import { monotonicClock } from '../clock.ts';
import type { KeyListMemory } from '../memory/key-list.ts';
import { checkPlan } from '../preflight/check-plan.ts';
import { PutSpan } from '../stage/put-span.ts';
import { formatDirectories } from '../stage/stage-verdict.ts';
import type { ErrorGroup } from '../stage/error-journal.ts';
import { removeDirectories } from './directory-removal.ts';
import type { HostCommand, HostEvent } from './host-messages.ts';
import { StageRun } from './stage-run.ts';
import { WorkerFleet } from './worker-fleet.ts';

/** The process that does an agent's I/O: checks, worker threads, stages. Commands are carried out in turn. */
export class RunHost {
  readonly #emit: (event: HostEvent) => void;
  readonly #nowNs = monotonicClock();
  readonly #listed = new Map<number, KeyListMemory>();
  #fleet: WorkerFleet | undefined;
  #running: StageRun | undefined;
  #prepared = false;
  #directoriesLeft = false;
  #stopped = false;

  constructor(emit: (event: HostEvent) => void) {
    this.#emit = emit;
  }

  /** Carries out one command; what fails is reported, not thrown. */
  async handle(command: HostCommand): Promise<void> {
    try {
      await this.#perform(command);
    } catch (error) {
      this.#emit({ type: 'failed', error: toErrorRecord(error) });
    }
  }

  async #perform(command: HostCommand): Promise<void> {
    switch (command.type) {
      case 'check':
        await checkPlan(
          command.plan,
          command.layout,
          (finding) => {
            this.#emit({ type: 'finding', finding });
          },
          (what) => {
            this.#emit({ type: 'checking', what });
          },
        );
        this.#emit({ type: 'checked' });
        return;
      case 'open':
        this.#fleet = await WorkerFleet.start(command.plan, command.layout);
        this.#emit({ type: 'opened' });
        return;
      case 'load-stage':
        await this.#load(command.stage);
        this.#emit({ type: 'stage-loaded', stage: command.stage });
        return;
      case 'begin-stage':
        await this.#runStage(command.stage, command.startAtNs);
        return;
      case 'stop':
        this.#stopped = true;
        this.#fleet?.setStop(true);
        this.#running?.stop();
        this.#fleet?.broadcast({ type: 'cancel' });
        return;
      case 'close':
        await this.#close();
        return;
    }
  }

  /** Lists the keys that an execute stage needs and that cannot be computed. */
  async #load(stageIndex: number): Promise<void> {
    const { plan, workers } = this.#openFleet();
    if (stageOf(plan, stageIndex).kind !== 'execute') return;
    const entries = plan.operations.flatMap((operation, entry) =>
      'source' in operation && operation.source.type === 'listing' ? [entry] : [],
    );
    const [worker] = workers;
    if (entries.length === 0 || worker === undefined) return;
    const answer = await this.#openFleet().ask(worker, (request) => ({
      type: 'list-keys',
      request,
      entries,
    }));
    if (answer.type !== 'keys-listed') return;
    for (const [entry, keys] of answer.listed) this.#listed.set(entry, keys);
  }

  async #runStage(stageIndex: number, startAtNs: number): Promise<void> {
    const fleet = this.#openFleet();
    const stage = stageOf(fleet.plan, stageIndex);
    const aloneOnStorage = fleet.plan.agentCount === 1;
    this.#running = new StageRun({
      fleet,
      stage,
      startAtNs,
      drainTimeoutMs: fleet.plan.drainTimeoutMs,
      nowNs: this.#nowNs,
      listed: this.#listed,
      prepared: this.#prepared,
      tasksTotal: this.#countTasks(stage.kind),
      ...(stage.kind === 'cleanup' && aloneOnStorage
        ? { tidyUp: () => this.#removeDirectories() }
        : {}),
      onProgress: (progress) => {
        this.#emit({ type: 'progress', stage: stageIndex, progress });
      },
      onEndpointChange: (change) => {
        this.#emit({ type: 'endpoint-changed', change });
      },
    });
    const ended = this.#running.run();
    if (this.#stopped) this.#running.stop();
    const report = await ended;
    this.#running = undefined;
    if (stage.kind === 'prepare') this.#prepared = true;
    if (stage.kind === 'cleanup') {
      this.#directoriesLeft = !aloneOnStorage && report.outcome === 'completed';
    }
    this.#emit({ type: 'stage-ended', stage: stageIndex, report });
  }

  #countTasks(kind: StageKind): number {
    const { memory, plan } = this.#openFleet();
    if (kind === 'prepare') {
      return plan.pools.reduce((sum, { own }) => sum + own.end - own.begin, 0);
    }
    if (kind !== 'cleanup') return 0;
    const puts = new PutSpan(plan, new Float64Array(memory.putCounters));
    return plan.pools.reduce((sum, { own }, pool) => {
      const count = own.end - own.begin;
      const states = memory.poolStates[pool];
      if (states === undefined) return sum;
      const objects = new ObjectStates(states, count);
      return sum + count - objects.countOf('planned') - objects.countOf('deleted');
    }, puts.total);
  }

  /**
   * Removes what directories a cleanup stage has left. With other agents on the same storage, that is only known when
   * all of them have deleted their objects.
   */
  async #removeDirectories(): Promise<readonly ErrorGroup[]> {
    return removeDirectories(this.#openFleet(), () => this.#stopped);
  }

  async #close(): Promise<void> {
    if (this.#directoriesLeft) {
      const left = await this.#removeDirectories();
      if (left.length > 0) this.#emit({ type: 'failed', error: toErrorRecord(leftError(left)) });
    }
    await this.#fleet?.close();
    this.#emit({ type: 'closed' });
  }

  #openFleet(): WorkerFleet {
    if (this.#fleet !== undefined) return this.#fleet;
    throw new BenchError('no run is open', { code: 'HOST_NOT_OPEN', class: 'internal' });
  }
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
