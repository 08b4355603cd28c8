import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BenchError } from '@sai3bench/errors';
import type { HostCommand, HostEvent } from './host-messages.ts';

/** The process runs from source or from the build, like the module that starts it. */
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const HOST_MAIN = fileURLToPath(
  new URL(FROM_SOURCE ? 'host-main.ts' : 'host-main.js', import.meta.url),
);
/** Makes packages of the workspace resolve to their sources. */
const SOURCE_CONDITION = '--conditions=@sai3bench/source';

/**
 * Nearly everything that is made lives as long as one operation. A small place for it is collected often at no cost that
 * could be measured, and is full after a minute; the usual one grows for many, in every thread.
 */
const YOUNG_OBJECTS = '--max-semi-space-size=2';

/** Lines of the process's own output that are kept to explain its death. */
const KEPT_OUTPUT_CHARACTERS = 2_000;

/** How to start a {@link HostProcess}. */
export interface HostProcessOptions {
  /** Threads of libuv's pool: decided at the start of a process. */
  readonly threadPoolSize: number;
  /** Environment of the process; that of this one when absent. */
  readonly env?: NodeJS.ProcessEnv;
  readonly onEvent: (event: HostEvent) => void;
  /** Called once, when the process has ended without having been told to. */
  readonly onDeath: (error: BenchError) => void;
}

/** The agent's handle on the process that does its I/O. */
export class HostProcess {
  readonly #child: ChildProcess;
  #output = '';
  #expected = false;

  constructor(options: HostProcessOptions) {
    this.#child = fork(HOST_MAIN, {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [
        ...process.execArgv.filter((argument) => !argument.startsWith('--inspect')),
        ...(FROM_SOURCE ? [SOURCE_CONDITION] : []),
        // The store of the metadata cache is called experimental on Node 22.
        '--disable-warning=ExperimentalWarning',
        YOUNG_OBJECTS,
      ],
      env: { ...(options.env ?? process.env), UV_THREADPOOL_SIZE: String(options.threadPoolSize) },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-KEPT_OUTPUT_CHARACTERS);
      });
    }
    this.#child.on('message', (event: HostEvent) => {
      if (event.type === 'closed') this.#expected = true;
      options.onEvent(event);
    });
    this.#child.on('error', (cause) => {
      this.#die(options, 'could not be started', cause);
    });
    this.#child.on('exit', (code, signal) => {
      this.#die(options, `ended unexpectedly (${signal ?? `code ${String(code)}`})`);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a command; does nothing when the process has ended. */
  send(command: HostCommand): void {
    if (command.type === 'close') this.#expected = true;
    // One that has ended meanwhile tells so by its exit.
    if (this.#child.connected) this.#child.send(command, () => undefined);
  }

  /**
   * Ends the process at once, whatever it does.
   *
   * @returns whether it is gone; a process in an uninterruptible system call stays until that call returns
   */
  async kill(timeoutMs: number): Promise<boolean> {
    this.#expected = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return true;
    const gone = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, timeoutMs);
      this.#child.once('exit', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    this.#child.kill('SIGKILL');
    if (await gone) return true;
    // Nothing of an abandoned process may keep the agent from ending.
    this.#child.unref();
    this.#child.channel?.unref();
    return false;
  }

  #die(options: HostProcessOptions, how: string, cause?: unknown): void {
    if (this.#expected) return;
    this.#expected = true;
    const output = this.#output.trim();
    options.onDeath(
      new BenchError(`the process that does the I/O ${how}`, {
        code: 'HOST_DIED',
        class: 'internal',
        hint: 'if the host ran out of memory, lower concurrency; see the kernel log',
        cause: cause ?? (output === '' ? undefined : { message: output }),
      }),
    );
  }
}
