import { CONTROL_WORDS } from '../memory/run-memory.ts';
import { AnswerSettler, type SettlerOptions } from './answer-settler.ts';
import { failurePauseMs, retryPauseMs } from './pause.ts';
import { objectsOf, type Slot } from './slot.ts';
import { SlotPauses } from './slot-pauses.ts';

/** A slot without a task looks again after this time. Slots that end an operation look at once. */
const LOOK_AGAIN_MS = 1;

/** Why a loop has ended: the strongest reason of any of its slots. */
export type LoopEnd = 'time-up' | 'tasks-done' | 'stopped';

const STRENGTH: Readonly<Record<LoopEnd, number>> = { 'time-up': 0, 'tasks-done': 1, stopped: 2 };

/** What a loop works with. */
export interface SlotLoopOptions extends SettlerOptions {
  readonly slots: readonly Slot[];
  /** Yields numbers in [0, 1). */
  readonly random: () => number;
  /** Words of the run's control memory. */
  readonly control: Int32Array;
  /** When nothing new may start any more; Infinity for stages that end with their tasks. */
  readonly endAtNs: number;
  readonly onFinished: () => void;
}

/**
 * Keeps every slot busy until the tasks are done, the time is up or a stop is asked for. Works the same whether
 * stores answer at once (blocking file calls) or later (sockets).
 */
export class SlotLoop {
  readonly #options: SlotLoopOptions;
  readonly #settler: AnswerSettler;
  readonly #pauses = new SlotPauses();
  readonly #parked = new Set<Slot>();
  #lookAgain: NodeJS.Timeout | undefined;
  #running: number;
  /** The slot that has its first task ahead of the start. */
  #readyToStart: Slot | undefined;
  /** The slot whose request is being handed to a store right now. */
  #submitting: Slot | undefined;
  #cancelled = false;
  #reason: LoopEnd = 'time-up';
  #ranDryNs = 0;

  constructor(options: SlotLoopOptions) {
    this.#options = options;
    this.#running = options.slots.length;
    for (const slot of options.slots) slot.forgetFailures();
    this.#settler = new AnswerSettler(options, () => this.#stopping());
  }

  /** Why it has ended, once it has. */
  get end(): LoopEnd {
    return this.#reason;
  }

  /** When a slot first found no task left; 0 when none did. */
  get ranDryNs(): number {
    return this.#ranDryNs;
  }

  /** Start of the first operation; Infinity when there was none. */
  get firstStartNs(): number {
    return this.#settler.firstStartNs;
  }

  /** End of the last operation; 0 when there was none. */
  get lastEndNs(): number {
    return this.#settler.lastEndNs;
  }

  /**
   * Takes the task of the first operation ahead of the start, so that nothing but its request is left to do then: a
   * thread that wakes up with cold caches takes as long over choosing a task as over carrying it out.
   */
  takeFirst(): void {
    const [slot] = this.#options.slots;
    if (slot !== undefined && !this.#stopping() && this.#next(slot)) this.#readyToStart = slot;
  }

  start(): void {
    const ready = this.#readyToStart;
    this.#readyToStart = undefined;
    if (ready !== undefined) this.#resume(ready);
    for (const slot of this.#options.slots) if (slot !== ready) this.#advance(slot);
  }

  /** Stops everything that is under way; operations end as cancelled. */
  cancel(): void {
    this.#cancelled = true;
    for (const store of this.#options.stores) store.cancelAll();
    this.#pauses.end();
    this.#unpark();
  }

  /** A slot's answer has arrived. */
  readonly completed = (slot: Slot): void => {
    slot.pending = false;
    this.#settler.settle(slot);
    if (this.#submitting !== slot) this.#advance(slot);
  };

  /** Starts operations in a slot until one has to be waited for. */
  #advance(slot: Slot): void {
    while (!slot.pending) {
      if (slot.attempts === 0 && this.#backOff(slot)) return;
      if (slot.attempts === 0 && !this.#take(slot)) {
        if (!this.#parked.has(slot)) this.#retire();
        return;
      }
      if (this.#pauseFor(slot)) return;
      this.#submit(slot);
    }
  }

  /** A slot does nothing more. */
  #retire(): void {
    if (--this.#running === 0) this.#options.onFinished();
  }

  /** Takes the next task for a slot. */
  #take(slot: Slot): boolean {
    const { endAtNs, nowNs, source } = this.#options;
    const instantNs = nowNs();
    if (instantNs >= endAtNs) return false;
    if (this.#stopping()) return this.#endBecause('stopped');
    if (this.#next(slot)) return true;
    if (source.mayHaveMore?.() === true) return this.#park(slot);
    if (this.#ranDryNs === 0) this.#ranDryNs = instantNs;
    return this.#endBecause('tasks-done');
  }

  /** Puts the next task into a slot, if there is one. */
  #next(slot: Slot): boolean {
    const { recorder, source } = this.#options;
    if (slot.batch.length > 0) slot.batch.length = 0;
    slot.check.skip(slot.request);
    slot.fixedEndpoint = undefined;
    if (!source.next(slot)) return false;
    for (let object = 0; object < objectsOf(slot); object++) recorder.started(slot.operation);
    return true;
  }

  /** Lets a slot look for a task again a little later. */
  #park(slot: Slot): false {
    this.#parked.add(slot);
    this.#lookAgain ??= setTimeout(() => {
      this.#unpark();
    }, LOOK_AGAIN_MS);
    return false;
  }

  #unpark(): void {
    clearTimeout(this.#lookAgain);
    this.#lookAgain = undefined;
    const slots = [...this.#parked];
    this.#parked.clear();
    for (const slot of slots) this.#advance(slot);
  }

  #endBecause(reason: LoopEnd): false {
    if (STRENGTH[reason] > STRENGTH[this.#reason]) this.#reason = reason;
    return false;
  }

  #submit(slot: Slot): void {
    const group = this.#options.stores[slot.store];
    if (group === undefined) return;
    slot.attempts++;
    slot.check.startAgain();
    slot.pending = true;
    this.#submitting = slot;
    group.submit(slot);
    this.#submitting = undefined;
  }

  /** Pauses before the next operation because too much fails, at most until the time is up. */
  #backOff(slot: Slot): boolean {
    const { backOffMs } = slot;
    if (backOffMs === 0) return false;
    const { endAtNs, limits, nowNs } = this.#options;
    slot.backOffMs = 0;
    const leftMs = (endAtNs - nowNs()) / 1e6;
    const pauseMs = Math.min(backOffMs, leftMs);
    if (pauseMs <= 0 || this.#stopping()) return false;
    // The slot has slowed down enough.
    slot.failuresInRow = 0;
    limits?.paused(pauseMs);
    this.#pauses.pause(slot, pauseMs, () => {
      // A timer may be early: what has paused until the end would begin another operation before it.
      if (pauseMs === leftMs && !this.#stopping()) this.#retire();
      else this.#advance(slot);
    });
    return true;
  }

  /** Waits before the next attempt, or before the next operation after failures in a row. */
  #pauseFor(slot: Slot): boolean {
    if (slot.failuresInRow === 0) return false;
    const { random, source } = this.#options;
    const pauseMs =
      slot.attempts > 0
        ? retryPauseMs(slot.attempts, random(), source.retryPauses)
        : failurePauseMs(slot.failuresInRow);
    if (pauseMs === 0) return false;
    this.#pauses.pause(slot, pauseMs, () => {
      this.#resume(slot);
    });
    return true;
  }

  /** Goes on with an operation after a wait; when the stage was stopped meanwhile, it is cancelled. */
  #resume(slot: Slot): void {
    if (this.#stopping()) {
      this.#settler.cancel(slot);
    } else {
      this.#submit(slot);
    }
    this.#advance(slot);
  }

  #stopping(): boolean {
    const { control, limits } = this.#options;
    return (
      this.#cancelled ||
      Atomics.load(control, CONTROL_WORDS.stop) === 1 ||
      limits?.isExceeded === true
    );
  }
}
