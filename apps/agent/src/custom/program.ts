import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { StageCommand } from '@sai3bench/workload-config';
import { OutputLines } from './output-lines.ts';
import { type GroupMember, type LookAtGroup, signalGroup, survivorsOf } from './process-group.ts';

/** How long a program may take to end by itself when it is told to. */
const TERM_GRACE_MS = 1_000;
/** How long what was killed may take to be gone before it is abandoned. */
const KILL_GRACE_MS = 300;
/** How often is looked whether all processes are gone. */
const LOOK_MS = 50;
/** How long output may take to arrive after the end of who has printed it. */
const OUTPUT_GRACE_MS = 200;

/** How a program has ended. */
export type ProgramEnd =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly type: 'not-started'; readonly cause: unknown }
  /** The directory that it was to run in could not be made. */
  | { readonly type: 'no-directory'; readonly cause: unknown }
  /** These processes did not even end when they were killed. */
  | { readonly type: 'abandoned'; readonly processes: readonly GroupMember[] };

/** How to start a {@link Program}. */
export interface ProgramOptions {
  readonly command: StageCommand;
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes each line of the output. */
  readonly onLine: (line: string) => void;
  readonly lookAtGroup?: LookAtGroup | undefined;
}

/** A program that runs in a process group of its own, with all that it starts. */
export class Program {
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  readonly #output: OutputLines;
  readonly #errors: OutputLines;
  readonly #lookAtGroup: LookAtGroup;
  #end: (end: ProgramEnd) => void = () => undefined;
  #isOver = false;
  #stopping: NodeJS.Timeout | undefined;

  constructor({ command, directory, env, lookAtGroup, onLine }: ProgramOptions) {
    this.#lookAtGroup = lookAtGroup ?? survivorsOf;
    this.#output = new OutputLines(onLine);
    this.#errors = new OutputLines(onLine);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#child = spawn(command.program, command.args, {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // A group of its own, so that all that it starts can be ended with it.
    });
    restorePriority(this.#child.pid);
    this.#child.stdout?.on('data', (bytes: Buffer) => {
      this.#output.add(bytes);
    });
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#errors.add(bytes);
    });
    this.#child.once('error', (cause) => {
      if (this.#child.pid === undefined) this.#finish({ type: 'not-started', cause });
    });
    this.#child.once('exit', (code, signal) => {
      void this.#exited(
        signal === null ? { type: 'exited', code: code ?? 0 } : { type: 'signalled', signal },
      );
    });
  }

  /** Its process group; undefined when it could not be started. */
  get group(): number | undefined {
    return this.#child.pid;
  }

  /** The last lines of its error output. */
  get lastErrors(): readonly string[] {
    return this.#errors.last;
  }

  /** How many lines of its output were left out. */
  get linesLeftOut(): number {
    return this.#output.leftOut + this.#errors.leftOut;
  }

  /** Asks it to end, and kills it when it does not. */
  stop(): void {
    const { group } = this;
    if (group === undefined || this.#isOver || this.#stopping !== undefined) return;
    signalGroup(group, 'SIGTERM');
    this.#stopping = setTimeout(() => {
      void this.kill();
    }, TERM_GRACE_MS);
  }

  /** Kills it, and waits until it is gone or has to be abandoned. */
  async kill(): Promise<void> {
    const { group } = this;
    if (group === undefined || this.#isOver) return;
    signalGroup(group, 'SIGKILL');
    let left = this.#left();
    for (let waitedMs = 0; left.length > 0 && waitedMs < KILL_GRACE_MS; waitedMs += LOOK_MS) {
      await lookAgain();
      left = this.#left();
    }
    if (left.length > 0) this.#finish({ type: 'abandoned', processes: left });
    await this.ended;
  }

  /** The program itself has ended: so does what it has left running. */
  async #exited(how: ProgramEnd): Promise<void> {
    await outputOf(this.#child);
    while (!this.#isOver && this.#left().length > 0) {
      this.stop();
      await lookAgain();
    }
    this.#finish(how);
  }

  #left(): readonly GroupMember[] {
    const { group } = this;
    return group === undefined ? [] : this.#lookAtGroup(group);
  }

  #finish(end: ProgramEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#stopping);
    // Nothing of what was abandoned may keep the agent from ending.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
    this.#output.end();
    this.#errors.end();
    this.#end(end);
  }
}

/** Agents raise their own priority, which is not for what they start. */
function restorePriority(id: number | undefined): void {
  if (id === undefined) return;
  try {
    setPriority(id, 0);
  } catch {
    // It has ended already, or the agent may not raise its own either.
  }
}

function lookAgain(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LOOK_MS);
  });
}

/** Waits for the rest of the output, but not for a process that keeps it open. */
async function outputOf(child: ChildProcess): Promise<void> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream?.closed === false);
  if (streams.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    Promise.all(streams.map((stream) => new Promise((resolve) => stream?.once('close', resolve)))),
    new Promise((resolve) => {
      timer = setTimeout(resolve, OUTPUT_GRACE_MS);
    }),
  ]);
  clearTimeout(timer);
}
