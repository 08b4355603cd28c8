import { Worker } from 'node:worker_threads';
import { BenchError, fromErrorRecord } from '@sai3bench/errors';
import {
  allocateEndpointBoard,
  endpointBoard,
  EndpointCounters,
  SharedBreakers,
} from '@sai3bench/multi-endpoint';
import { TrafficReader } from '@sai3bench/object-store';
import { CoarseLatencies, RecorderReader } from '@sai3bench/stats';
import { formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { monotonicClock } from '../clock.ts';
import {
  allocateRunMemory,
  allocateWorkerMemory,
  CONTROL_WORDS,
  MAX_WORKERS,
  type RunMemory,
} from '../memory/run-memory.ts';
import { hostMemoryBytes } from '../memory/host-memory.ts';
import { type PayloadMemory, planPayloadMemory } from '../memory/payload-memory.ts';
import type { WorkerSetup } from '../worker/worker-context.ts';
import type { WorkerCommand, WorkerEvent } from '../worker/worker-messages.ts';
import type { ThreadLayout } from './thread-layout.ts';

/** The worker runs from source or from the build, like the module that starts it. */
const WORKER_MAIN = new URL(
  `../worker/worker-main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** How long threads may take to end when they are told to. */
const CLOSE_GRACE_MS = 500;

/** One worker thread and what can be read of it while it works. */
export interface FleetWorker {
  readonly number: number;
  /** Operations that it keeps in flight. */
  readonly slots: number;
  readonly reader: RecorderReader;
  /** By store. */
  readonly endpointCounters: readonly EndpointCounters[];
  readonly endpointLatencies: readonly CoarseLatencies[];
  readonly traffic: readonly TrafficReader[];
  /** Whether it has not ended the stage that it was told to run. */
  busy: boolean;
}

type Listener = (event: WorkerEvent, worker: FleetWorker) => void;

interface Member extends FleetWorker {
  readonly thread: Worker;
  readonly ended: Promise<void>;
}

/** The worker threads of a run and the memory that they share. */
export class WorkerFleet {
  readonly plan: AgentPlan;
  readonly memory: RunMemory;
  readonly control: Int32Array;
  /** The circuit breakers of the endpoints, by store. */
  readonly breakers: readonly SharedBreakers[];
  readonly #layout: ThreadLayout;
  readonly #mostWorkers: number;
  readonly #payloadMemory: PayloadMemory;
  readonly #members: Member[] = [];
  readonly #listeners = new Set<Listener>();
  #nextNumber = 0;
  #nextRequest = 1;

  private constructor(plan: AgentPlan, layout: ThreadLayout, mostWorkers: number) {
    this.plan = plan;
    this.#layout = layout;
    this.#mostWorkers = mostWorkers;
    this.#payloadMemory = planPayloadMemory(plan, layout.slots, hostMemoryBytes());
    this.memory = allocateRunMemory(plan);
    this.control = new Int32Array(this.memory.control);
    const nowNs = monotonicClock();
    this.breakers = plan.stores.map(({ breaker }, store) => {
      const board = this.memory.endpointBoards[store] ?? allocateEndpointBoard(0);
      return new SharedBreakers(endpointBoard(board), breaker, nowNs);
    });
  }

  /**
   * Starts all workers and waits until they are ready.
   *
   * @param mostWorkers that can ever be started, those in place of stuck ones included
   * @throws BenchError when memory is short, or one of them cannot start
   */
  static async start(
    plan: AgentPlan,
    layout: ThreadLayout,
    mostWorkers = MAX_WORKERS,
  ): Promise<WorkerFleet> {
    const fleet = new WorkerFleet(plan, layout, mostWorkers);
    await Promise.all(layout.slots.map((slots) => fleet.#startWorker(slots)));
    return fleet;
  }

  get workers(): readonly FleetWorker[] {
    return this.#members;
  }

  /** Operations that all workers keep in flight together. */
  get totalSlots(): number {
    return this.#layout.slots.reduce((sum, slots) => sum + slots, 0);
  }

  /** Calls `listener` for every event of every worker, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  broadcast(command: WorkerCommand): void {
    for (const { thread } of this.#members) thread.postMessage(command);
  }

  /**
   * Sends a request to one worker and waits for its answer.
   *
   * @throws BenchError when the worker answers that it failed
   */
  ask(worker: FleetWorker, makeCommand: (request: number) => WorkerCommand): Promise<WorkerEvent> {
    const request = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      const stop = this.listen((event) => {
        if (!('request' in event) || event.request !== request) return;
        stop();
        if (event.type === 'failed') reject(fromErrorRecord(event.error));
        else resolve(event);
      });
      this.#memberOf(worker)?.thread.postMessage(makeCommand(request));
    });
  }

  /** Sets or clears the word that keeps workers from starting anything new, and wakes those that wait. */
  setStop(stop: boolean): void {
    Atomics.store(this.control, CONTROL_WORDS.stop, stop ? 1 : 0);
    Atomics.notify(this.control, CONTROL_WORDS.stop);
  }

  /**
   * Starts a worker in place of one that a system call never came back to. The stuck thread cannot be ended: it ends
   * when the call returns, or goes with the process.
   *
   * @throws BenchError `TOO_MANY_STUCK_WORKERS` when memory was set aside for no more, or why it cannot start
   */
  async replace(stuck: FleetWorker): Promise<void> {
    const member = this.#memberOf(stuck);
    if (member === undefined) return;
    this.#members.splice(this.#members.indexOf(member), 1);
    member.thread.postMessage({ type: 'close' } satisfies WorkerCommand);
    await this.#startWorker(member.slots);
  }

  /** Ends all threads. One that is stuck in a system call stays until the process ends. */
  async close(): Promise<void> {
    this.broadcast({ type: 'close' });
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_GRACE_MS);
    });
    await Promise.race([Promise.all(this.#members.map(({ ended }) => ended)), grace]);
    clearTimeout(timer);
  }

  async #startWorker(slots: number): Promise<void> {
    if (this.#nextNumber >= this.#mostWorkers) throw tooManyStuck(this.#mostWorkers);
    const ownMemory = allocateWorkerMemory(this.plan);
    const number = this.#nextNumber++;
    const setup: WorkerSetup = {
      plan: this.plan,
      worker: number,
      workers: this.#layout.slots.length,
      slots,
      totalSlots: this.totalSlots,
      fileMode: this.#layout.fileMode,
      payloadMemory: this.#payloadMemory,
      memory: this.memory,
      ownMemory,
    };
    const thread = new Worker(WORKER_MAIN, {
      workerData: setup,
      // Stores close what they open; a set of all open files would be changed twice for every operation.
      trackUnmanagedFds: false,
    });
    const member: Member = {
      number,
      slots,
      thread,
      ended: new Promise((resolve) => {
        thread.once('exit', () => {
          resolve();
        });
      }),
      reader: new RecorderReader(ownMemory.recorder),
      endpointCounters: ownMemory.endpointCounters.map((memory) => new EndpointCounters(memory)),
      traffic: ownMemory.traffic.map((memory) => new TrafficReader(memory)),
      endpointLatencies: ownMemory.endpointLatencies.map((memory) => new CoarseLatencies(memory)),
      busy: false,
    };
    await new Promise<void>((resolve, reject) => {
      thread.on('message', (event: WorkerEvent) => {
        if (event.type === 'ready') resolve();
        else if (event.type === 'failed' && event.request === undefined) {
          reject(fromErrorRecord(event.error));
        }
        for (const listener of [...this.#listeners]) listener(event, member);
      });
      thread.on('error', (cause) => {
        reject(
          new BenchError('a worker thread failed', {
            code: 'WORKER_FAILED',
            class: 'internal',
            cause,
          }),
        );
        // After the start, a thread that dies takes the process with it: its results cannot be trusted.
        if (this.#members.includes(member)) throw cause;
      });
    });
    this.#members.push(member);
  }

  #memberOf(worker: FleetWorker): Member | undefined {
    return this.#members.find((member) => member === worker);
  }
}

function tooManyStuck(mostWorkers: number): BenchError {
  return new BenchError(
    `all ${formatCount(mostWorkers)} worker threads of this run have been started, most of them in place of others that a call has not come back to`,
    {
      code: 'TOO_MANY_STUCK_WORKERS',
      class: 'resource',
      hint: 'see the kernel log and the mount for why calls hang; run fewer stages, or with fewer threads',
    },
  );
}
