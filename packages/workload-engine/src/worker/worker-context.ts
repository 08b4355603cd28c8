import {
  ContentVerifier,
  deriveSeed,
  PayloadGenerator,
  type Seed,
  seedOf,
} from '@sai3bench/datagen';
import { allocateTraffic, type StoreOptions } from '@sai3bench/object-store';
import { Recorder } from '@sai3bench/stats';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import {
  CONTROL_WORDS,
  putCounterIndex,
  type RunMemory,
  type WorkerMemory,
} from '../memory/run-memory.ts';
import type { PayloadMemory } from '../memory/payload-memory.ts';
import { PutNumbers } from '../selection/put-numbers.ts';
import { Random } from '../selection/random.ts';
import { ContentCheck } from '../stage/content-check.ts';
import { GenerateMeter } from '../stage/generate-meter.ts';
import { PoolObjects } from '../stage/pool-objects.ts';
import { Slot } from '../stage/slot.ts';
import { SlotPayload } from '../stage/slot-payload.ts';
import { s3OptionsOf } from '../s3-access.ts';
import { StoreGroup } from '../store-group.ts';
import { startEndpoint } from './start-endpoint.ts';

/** What a worker is given when it starts. */
export interface WorkerSetup {
  readonly plan: AgentPlan;
  /** Number of this worker, unique within the run. */
  readonly worker: number;
  /** Workers that the agent has at a time. */
  readonly workers: number;
  /** Operations that this worker keeps in flight. */
  readonly slots: number;
  /** Operations that all workers keep in flight together. */
  readonly totalSlots: number;
  readonly fileMode: StoreOptions['fileMode'];
  readonly payloadMemory: Pick<
    PayloadMemory,
    'bufferBytes' | 'buffersPerSlot' | 'chunkBytes' | 'lanesPerSlot'
  >;
  readonly memory: RunMemory;
  readonly ownMemory: WorkerMemory;
}

/** Everything that the stages of one worker share: made once, kept for the whole run. */
export class WorkerContext {
  readonly setup: WorkerSetup;
  readonly nowNs: () => number;
  readonly recorder: Recorder;
  readonly stores: readonly StoreGroup[];
  readonly pools: readonly PoolObjects[];
  readonly slots: readonly Slot[];
  readonly random: Random;
  /** For pauses, which must not change what is chosen. */
  readonly jitter: Random;
  readonly control: Int32Array;
  readonly putCounters: Float64Array;
  readonly #putNumbers = new Map<number, PutNumbers>();

  private constructor(
    setup: WorkerSetup,
    nowNs: () => number,
    stores: readonly StoreGroup[],
    onComplete: (slot: Slot) => void,
  ) {
    const { memory, ownMemory, plan, worker } = setup;
    this.setup = setup;
    this.nowNs = nowNs;
    this.recorder = new Recorder(ownMemory.recorder);
    this.control = new Int32Array(memory.control);
    this.putCounters = new Float64Array(memory.putCounters);
    this.random = new Random(deriveSeed(this.runSeed(), `worker ${String(worker)}`));
    this.jitter = new Random(deriveSeed(this.runSeed(), `pauses ${String(worker)}`));
    this.stores = stores;
    this.pools = plan.pools.map(
      (pool, index) => new PoolObjects(pool, memory.poolStates[index] ?? new SharedArrayBuffer(0)),
    );
    this.slots = this.#makeSlots(onComplete);
  }

  /**
   * Opens the stores of a worker and allocates what it needs.
   *
   * @param onComplete called when a slot's request has been answered
   */
  static async open(
    setup: WorkerSetup,
    nowNs: () => number,
    onComplete: (slot: Slot) => void,
  ): Promise<WorkerContext> {
    const { fileMode, memory, ownMemory, payloadMemory, plan, slots, worker } = setup;
    const { chunkBytes } = payloadMemory;
    const connections = connectionsOf(setup);
    const random = new Random(deriveSeed(runSeedOf(plan), `endpoints ${String(worker)}`));
    const stores = await Promise.all(
      plan.stores.map((store, index) =>
        StoreGroup.open(
          store,
          {
            board: memory.endpointBoards[index] ?? new SharedArrayBuffer(0),
            counters: ownMemory.endpointCounters[index] ?? new SharedArrayBuffer(0),
            traffic: ownMemory.traffic[index] ?? allocateTraffic(0),
            latencies: ownMemory.endpointLatencies[index] ?? new SharedArrayBuffer(0),
          },
          {
            startAt: startEndpoint(plan.agentIndex, setup.workers, worker),
            random: random.fraction,
            ...{ nowNs, maxInFlight: slots, maxConnections: connections, chunkBytes, fileMode },
            ...{ fsync: plan.fsync, env: process.env },
            ...(plan.s3 === undefined ? {} : { s3: s3OptionsOf(plan.s3) }),
          },
        ),
      ),
    );
    const context = new WorkerContext(setup, nowNs, stores, onComplete);
    await context.warmUp();
    return context;
  }

  /** Makes the connections that are missing, before a clock runs. */
  async warmUp(): Promise<void> {
    const connections = connectionsOf(this.setup);
    await Promise.all(this.stores.map((store) => store.warmUp(connections)));
  }

  /** The seed of what is different in every run: choices, and the content of objects that are put. */
  runSeed(): Seed {
    return runSeedOf(this.setup.plan);
  }

  /** The numbers in the names that this worker puts for an entry of the mix, in all stages. */
  putNumbers(entry: number): PutNumbers {
    const known = this.#putNumbers.get(entry);
    if (known !== undefined) return known;
    const { memory, plan, worker } = this.setup;
    const readable = new Float64Array(memory.putsReadable);
    const gone = new Float64Array(memory.putsGone);
    const cell = putCounterIndex(plan.operations.length, entry, worker);
    const numbers = new PutNumbers(this.putCounters, readable, gone, cell);
    this.#putNumbers.set(entry, numbers);
    return numbers;
  }

  /** Whether the run was told to stop. */
  get stopped(): boolean {
    return Atomics.load(this.control, CONTROL_WORDS.stop) === 1;
  }

  #makeSlots(onComplete: (slot: Slot) => void): Slot[] {
    const { payloadMemory, plan, slots } = this.setup;
    const { bufferBytes, buffersPerSlot, lanesPerSlot } = payloadMemory;
    const generator = new PayloadGenerator(
      seedOf(BigInt(plan.dataSeed)),
      bufferBytes * (buffersPerSlot + lanesPerSlot - 1) * slots,
    );
    const compares = plan.verify !== 'length' || plan.stages.some(({ kind }) => kind === 'verify');
    const verifier = compares ? new ContentVerifier(seedOf(BigInt(plan.dataSeed))) : undefined;
    const meter = new GenerateMeter(this.recorder, this.nowNs);
    return Array.from(
      { length: slots },
      () =>
        new Slot(
          new SlotPayload(generator, bufferBytes, meter, buffersPerSlot, lanesPerSlot),
          onComplete,
          new ContentCheck(verifier, plan.verify),
        ),
    );
  }
}

/** Connections that a worker needs to each store. */
function connectionsOf({ payloadMemory, slots }: WorkerSetup): number {
  return slots * payloadMemory.lanesPerSlot;
}

function runSeedOf({ agentId, dataSeed, runId }: AgentPlan): Seed {
  return deriveSeed(seedOf(BigInt(dataSeed)), `run ${runId} ${agentId}`);
}
