import type { BenchError } from '@sai3bench/errors';
import { formatDurationMs } from '@sai3bench/units';
import type { CheckContext } from './check-context.ts';
import { Checklist } from './checklist.ts';
import type { FileResults, FileTask } from './file-tasks.ts';
import { type FileLimits, type FileResult, FileThread } from './file-thread.ts';
import type { CheckName } from './finding.ts';

/** Threads whose calls are waited for at once. */
const MOST_THREADS = 32;

/** Checks after which something of a probe may be there. */
const WRITING: ReadonlySet<CheckName> = new Set(['write', 'mkdir', 'delete', 'o-direct']);

interface Job {
  readonly target: string;
  readonly task: FileTask;
  readonly resolve: (result: FileResult | undefined) => void;
}

/**
 * Carries out tasks on file systems, so that one that hangs keeps none of the others waiting. As long as calls return soon,
 * one thread does everything in turn; where a call does not, another thread goes on with what is left.
 */
export class FileThreads {
  readonly #context: CheckContext;
  readonly #limits: FileLimits;
  readonly #threads = new Set<FileThread>();
  #waiting: Job[] = [];

  constructor(context: CheckContext, limits: FileLimits) {
    this.#context = context;
    this.#limits = limits;
    context.signal.addEventListener('abort', this.#forgetWaiting);
  }

  /**
   * Carries out a task, and reports what is found. Once the checks are to end, none is begun any more.
   *
   * @param target address that findings are about
   * @returns undefined when it failed or hangs, which is a finding then, or was not begun
   */
  async run<Task extends FileTask>(
    target: string,
    task: Task,
  ): Promise<FileResults[Task['type']] | undefined> {
    if (this.#context.signal.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<FileResult | undefined>();
    this.#waiting.push({ target, task, resolve });
    this.#goOn();
    return (await promise) as FileResults[Task['type']] | undefined;
  }

  /** Ends the threads, except those that hang. Nothing may be under way. */
  async close(): Promise<void> {
    this.#context.signal.removeEventListener('abort', this.#forgetWaiting);
    await Promise.all([...this.#threads].map((thread) => thread.close()));
  }

  #goOn(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#freeThread();
      if (thread === undefined) return;
      const job = this.#waiting.shift();
      if (job !== undefined) this.#begin(thread, job);
    }
  }

  #freeThread(): FileThread | undefined {
    const threads = [...this.#threads];
    const idle = threads.find(({ isIdle }) => isIdle);
    if (idle !== undefined) return idle;
    if (threads.length >= MOST_THREADS || !threads.every(({ isSlow }) => isSlow)) return undefined;
    const thread = new FileThread(this.#limits);
    this.#threads.add(thread);
    return thread;
  }

  #begin(thread: FileThread, { resolve, target, task }: Job): void {
    const { onChecking, onFinding } = this.#context;
    thread.begin(
      { target, task },
      {
        onChecking,
        onFinding,
        onSlow: () => {
          this.#goOn();
        },
        onDone: (result) => {
          resolve(result);
          this.#goOn();
        },
        onHung: (what, check) => {
          this.#reportHung(target, task, what, check);
          this.#leave(thread, resolve);
        },
        onFailure: (error: BenchError) => {
          new Checklist(target, this.#context).fail('time', error);
          this.#leave(thread, resolve);
        },
      },
    );
  }

  #leave(thread: FileThread, resolve: Job['resolve']): void {
    this.#threads.delete(thread);
    resolve(undefined);
    this.#goOn();
  }

  #reportHung(target: string, task: FileTask, what: string, check: CheckName): void {
    if (this.#context.signal.aborted) return;
    const checks = new Checklist(target, this.#context);
    checks.report(
      'error',
      'SYSTEM',
      'time',
      `the check "${what}" has not ended after ${formatDurationMs(this.#limits.hungMs)}: ${task.path} seems to hang`,
      'check the mount, and the server or the disk behind it',
    );
    if (task.type !== 'check' || !WRITING.has(check)) return;
    checks.report(
      'error',
      'SYSTEM',
      'remove',
      `a probe of preflight may be left in ${task.path}, its name has ${task.owner.probeId} in it`,
      'remove it by hand when the mount is back',
    );
  }

  readonly #forgetWaiting = (): void => {
    const forgotten = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of forgotten) resolve(undefined);
  };
}
