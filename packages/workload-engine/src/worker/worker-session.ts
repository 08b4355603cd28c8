import type { MessagePort } from 'node:worker_threads';
import { type BenchError, toErrorRecord } from '@sai3bench/errors';
import { signingSecrets } from '@sai3bench/object-store';
import { maskTexts } from '@sai3bench/secret';
import { OPERATIONS } from '@sai3bench/stats';
import { monotonicClock } from '../clock.ts';
import { ClaimCursor } from '../memory/claim-cursor.ts';
import { CONTROL_WORDS } from '../memory/run-memory.ts';
import { CleanupTasks } from '../stage/cleanup-tasks.ts';
import { type ErrorGroup, ErrorJournal, failureGroup } from '../stage/error-journal.ts';
import { type ErrorLimits, errorLimitsOf } from '../stage/error-limits.ts';
import { ExecuteTasks } from '../stage/execute-tasks.ts';
import { LimitedTasks } from '../stage/limited-tasks.ts';
import { PrepareTasks } from '../stage/prepare-tasks.ts';
import { SlotLoop } from '../stage/slot-loop.ts';
import type { Slot } from '../stage/slot.ts';
import type { OperationFailure, TaskSource } from '../stage/task-source.ts';
import { VerifyTasks } from '../stage/verify-tasks.ts';
import { KeyListing } from './key-listing.ts';
import { WorkerContext, type WorkerSetup } from './worker-context.ts';
import type { WorkerCommand, WorkerEvent } from './worker-messages.ts';

/** The last part of the wait for a start instant is spent spinning, because timers are late by up to this. */
const SPIN_MS = 0.1;
/**
 * The end of a stage is reported no sooner than this after its start: the processes that a report wakes would take the
 * processors from agents of the same host that have not begun yet.
 */
const QUIET_START_MS = 10;
/** Failures are reported at most this often, the first of a stage at once. */
const ERROR_REPORT_MS = 250;
/** What is done beside stages is told of at most this often. */
const REMOVAL_INTERVAL_MS = 1_000;

/** The life of one worker thread: carries out what the host asks for, one thing at a time. */
export class WorkerSession {
  readonly #port: MessagePort;
  readonly #context: WorkerContext;
  readonly #journal = new ErrorJournal();
  #lastReportMs = 0;
  #loop: SlotLoop | undefined;
  #limits: ErrorLimits | undefined;

  private constructor(port: MessagePort, context: WorkerContext) {
    this.#port = port;
    this.#context = context;
    port.on('message', (command: WorkerCommand) => {
      this.#handle(command);
    });
    this.#post({ type: 'ready' });
  }

  /**
   * Makes the worker ready for its first command.
   *
   * @throws BenchError when a store cannot be opened or memory is short
   */
  static async open(port: MessagePort, setup: WorkerSetup): Promise<WorkerSession> {
    const holder: { session?: WorkerSession } = {};
    const context = await WorkerContext.open(setup, monotonicClock(), (slot) => {
      holder.session?.completed(slot);
    });
    holder.session = new WorkerSession(port, context);
    return holder.session;
  }

  completed(slot: Slot): void {
    this.#loop?.completed(slot);
  }

  #handle(command: WorkerCommand): void {
    switch (command.type) {
      case 'run-stage':
        this.#runStage(command);
        return;
      case 'cancel':
        this.#loop?.cancel();
        for (const store of this.#context.stores) store.cancelAll();
        return;
      case 'list-keys':
        this.#answerKeys(command.request, command.entries);
        return;
      case 'warm-up':
        this.#warmUp(command.request);
        return;
      case 'remove-directories':
        this.#post({
          type: 'directories-removed',
          request: command.request,
          left: this.#removeDirectories(),
        });
        return;
      case 'close':
        for (const store of this.#context.stores) store.close();
        this.#port.close();
        return;
    }
  }

  /** Removes the directories that this worker made; returns a failure for each that is left. */
  #removeDirectories(): ErrorGroup[] {
    let toldAtMs = performance.now();
    const onProgress = (tried: number, total: number): void => {
      if (performance.now() - toldAtMs < REMOVAL_INTERVAL_MS) return;
      toldAtMs = performance.now();
      this.#post({ type: 'removing-directories', tried, total });
    };
    return this.#context.stores
      .flatMap((store) => store.removeMadeDirectories(onProgress))
      .map(({ address, error }) =>
        failureGroup(error, 'RMDIR', address, error.key ?? '', Date.now()),
      );
  }

  #warmUp(request: number): void {
    this.#context.warmUp().then(
      () => {
        this.#post({ type: 'warmed-up', request });
      },
      (error: unknown) => {
        this.#post({ type: 'failed', request, error: toErrorRecord(error) });
      },
    );
  }

  #answerKeys(request: number, entries: readonly number[]): void {
    const listing = new KeyListing(this.#context, (seen) => {
      this.#post({ type: 'listing-keys', seen });
    });
    listing.list(entries).then(
      (listed) => {
        this.#post({ type: 'keys-listed', request, listed });
      },
      (error: unknown) => {
        this.#post({ type: 'failed', request, error: toErrorRecord(error) });
      },
    );
  }

  #runStage(command: Extract<WorkerCommand, { type: 'run-stage' }>): void {
    const { control, jitter, nowNs, recorder, slots, stores } = this.#context;
    const limits = errorLimitsOf(this.#context.setup.plan, command.kind, command.memory);
    this.#limits = limits;
    const source = this.#sourceOf(command);
    const loop = new SlotLoop({
      slots,
      source,
      stores,
      recorder,
      nowNs,
      random: jitter.fraction,
      control,
      endAtNs: command.endAtNs,
      limits,
      onError: (error, slot) => {
        this.#noteError(error, slot);
      },
      onFinished: () => {
        this.#loop = undefined;
        this.#failPutOff(source);
        this.#endStage(loop, command.startAtNs);
      },
    });
    this.#loop = loop;
    for (const store of stores) store.startStage();
    loop.takeFirst();
    this.#waitUntil(command.startAtNs);
    loop.start();
  }

  #sourceOf(command: Extract<WorkerCommand, { type: 'run-stage' }>): TaskSource {
    switch (command.kind) {
      case 'prepare':
        return new PrepareTasks(this.#context, command.memory);
      case 'execute':
      case 'hybrid':
        return this.#mixOf(command);
      case 'cleanup':
        return new CleanupTasks(this.#context);
      case 'verify':
        return new VerifyTasks(this.#context, (error, slot) => {
          this.#noteError(error, slot);
        });
      case 'custom':
      case 'validation':
        return { maxAttempts: 1, next: () => false, ended: () => undefined };
    }
  }

  #mixOf(command: Extract<WorkerCommand, { type: 'run-stage' }>): TaskSource {
    const { listed, memory, operations, others, prepared } = command;
    const stage = { memory, listed: new Map(listed), prepared, others };
    const mix = new ExecuteTasks(this.#context, stage);
    if (operations === undefined) return mix;
    const { control, setup } = this.#context;
    return new LimitedTasks(
      mix,
      new ClaimCursor(control, CONTROL_WORDS.claims, operations, setup.totalSlots),
    );
  }

  /** Waits for an instant, or until the run is told to stop. Nothing else happens in this thread meanwhile. */
  #waitUntil(instantNs: number): void {
    const { nowNs } = this.#context;
    this.#sleepUntil(instantNs - SPIN_MS * 1e6);
    while (nowNs() < instantNs && !this.#context.stopped);
  }

  /** The same without spinning, so that it may be a little late. */
  #sleepUntil(instantNs: number): void {
    const { control, nowNs } = this.#context;
    const sleepMs = (instantNs - nowNs()) / 1e6;
    if (sleepMs > 0) Atomics.wait(control, CONTROL_WORDS.stop, 0, sleepMs);
  }

  /** What is put off when a stage ends early has failed: nobody tries it again. */
  #failPutOff(source: TaskSource): void {
    const { recorder } = this.#context;
    for (const failure of source.dropPutOff?.() ?? []) {
      recorder.started(failure.operation);
      recorder.failed(failure.operation);
      this.#record(failure);
    }
  }

  #endStage(loop: SlotLoop, startAtNs: number): void {
    this.#sleepUntil(startAtNs + QUIET_START_MS * 1e6);
    this.#reportErrors();
    this.#post({
      type: 'stage-ended',
      end: loop.end,
      ranDryNs: loop.ranDryNs,
      firstStartNs: Number.isFinite(loop.firstStartNs) ? loop.firstStartNs : 0,
      lastEndNs: loop.lastEndNs,
    });
  }

  #noteError(error: BenchError, slot: Slot): void {
    const { endpoint, operation, request, store } = slot;
    this.#record({ operation, key: request.key, store, endpoint, error });
    const isDue = Date.now() - this.#lastReportMs >= ERROR_REPORT_MS;
    if (isDue || this.#limits?.isExceeded === true) this.#reportErrors();
  }

  #record({ endpoint, error, key, operation, store }: OperationFailure): void {
    const address = this.#context.stores[store]?.addressOf(endpoint) ?? '';
    this.#journal.record(error, OPERATIONS[operation] ?? 'GET', address, key, Date.now());
  }

  #reportErrors(): void {
    this.#lastReportMs = Date.now();
    const groups = this.#journal.take();
    if (groups.length > 0) this.#post({ type: 'errors', groups });
  }

  #post(event: WorkerEvent): void {
    this.#port.postMessage(maskTexts(event, signingSecrets()));
  }
}
