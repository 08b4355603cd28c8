import { Worker } from 'node:worker_threads';
import { BenchError } from '@sai3bench/errors';
import type { FileResults, FileTask } from './file-tasks.ts';
import type { CheckName, Finding } from './finding.ts';

/** What a thread that checks files is told. */
export interface FileThreadCommand {
  /** Address that findings are about. */
  readonly target: string;
  readonly task: FileTask;
}

/** What it tells, also right before a call that never returns. */
export type FileThreadEvent =
  | { readonly type: 'checking'; readonly what: string; readonly check: CheckName }
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'done'; readonly result: FileResult | undefined };

/** What comes of any task. */
export type FileResult = FileResults[FileTask['type']];

/** How long a single check may take. */
export interface FileLimits {
  /** Longer, and others are not kept waiting for it any more. */
  readonly slowMs: number;
  /** Longer, and it counts as hung. */
  readonly hungMs: number;
}

/** Who is told what becomes of a task; each is told once that it is over. */
export interface FileThreadObserver {
  onChecking(what: string, check: CheckName): void;
  onFinding(finding: Finding): void;
  /** That a check takes long. */
  onSlow(): void;
  onDone(result: FileResult | undefined): void;
  /** That a check has not ended, and the thread was given up. */
  onHung(what: string, check: CheckName): void;
  onFailure(error: BenchError): void;
}

/** A timer that is so late was not kept from its time by work. */
const STANDSTILL_MS = 200;

/** The thread runs from source or from the build, like the module that starts it. */
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const THREAD_MAIN = new URL(`./file-thread-main${FROM_SOURCE ? '.ts' : '.js'}`, import.meta.url);

/** A thread that makes calls on file systems, and a watch over them: a call that hangs blocks this thread alone. */
export class FileThread {
  readonly #limits: FileLimits;
  readonly #thread: Worker;
  #observer: FileThreadObserver | undefined;
  #isSlow = false;
  #slowTimer: NodeJS.Timeout | undefined;
  #hungTimer: NodeJS.Timeout | undefined;

  constructor(limits: FileLimits) {
    this.#limits = limits;
    this.#thread = new Worker(
      THREAD_MAIN,
      // Makes packages of the workspace resolve to their sources.
      FROM_SOURCE ? { execArgv: ['--conditions=@sai3bench/source'] } : {},
    );
    this.#thread.on('message', (event: FileThreadEvent) => {
      this.#onEvent(event);
    });
    this.#thread.on('error', (cause) => {
      this.#end()?.onFailure(
        new BenchError('the thread that checks files failed', {
          code: 'PREFLIGHT_THREAD_FAILED',
          class: 'internal',
          cause,
        }),
      );
    });
  }

  get isIdle(): boolean {
    return this.#observer === undefined;
  }

  /** Whether a check takes long. */
  get isSlow(): boolean {
    return this.#isSlow;
  }

  /** Carries out a task; only when idle. */
  begin(command: FileThreadCommand, observer: FileThreadObserver): void {
    this.#observer = observer;
    this.#thread.postMessage(command);
  }

  /** Ends the thread, which must be idle. */
  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #onEvent(event: FileThreadEvent): void {
    switch (event.type) {
      case 'checking':
        this.#observer?.onChecking(event.what, event.check);
        this.#watch(event.what, event.check);
        return;
      case 'finding':
        this.#observer?.onFinding(event.finding);
        return;
      case 'done': {
        const observer = this.#end();
        // One that was given up has come back, and has removed what it has written: nothing is left to do for it.
        if (observer === undefined) void this.close();
        observer?.onDone(event.result);
      }
    }
  }

  /** Times begin with the check itself: to start a thread may take a while on a busy host, and means nothing. */
  #watch(what: string, check: CheckName): void {
    clearTimeout(this.#slowTimer);
    clearTimeout(this.#hungTimer);
    if (this.#observer === undefined) return;
    this.#slowTimer = setTimeout(() => {
      this.#isSlow = true;
      this.#observer?.onSlow();
    }, this.#limits.slowMs);
    this.#waitFor(what, check, false);
  }

  /** Gives a check up after its time. Where this process has stood still meanwhile it has another: perhaps it is over. */
  #waitFor(what: string, check: CheckName, again: boolean): void {
    const { hungMs } = this.#limits;
    const dueMs = performance.now() + hungMs;
    this.#hungTimer = setTimeout(() => {
      if (!again && performance.now() - dueMs > STANDSTILL_MS) {
        this.#waitFor(what, check, true);
        return;
      }
      // It goes on once its call returns, but nothing waits for that.
      this.#thread.unref();
      this.#end()?.onHung(what, check);
    }, hungMs);
  }

  #end(): FileThreadObserver | undefined {
    clearTimeout(this.#slowTimer);
    clearTimeout(this.#hungTimer);
    this.#isSlow = false;
    const observer = this.#observer;
    this.#observer = undefined;
    return observer;
  }
}
