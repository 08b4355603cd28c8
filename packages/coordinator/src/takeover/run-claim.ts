import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type HostProcess, isProcessGone, ownProcess } from '@sai3bench/control-link';
import { BenchError, systemCode } from '@sai3bench/errors';
import { CONTROL_DIRECTORY } from '@sai3bench/results-dir';
import { readLeftRun } from './left-run.ts';

/** Claims are numbered, and stay as long as their directory: a number is never given twice, so that two cannot have it. */
const CLAIM = /^controller-(\d+)\.json$/;
/** The second line of a claim that is given back. */
const RELEASED = 'released\n';
/** Of a file system that has no hard links. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
]);

/** A claim that was not given back. */
interface HeldClaim {
  /** Undefined when it cannot be read. */
  readonly by: HostProcess | undefined;
}

/**
 * The right of this process to take a run over, and to write into its results directory. Of the processes of one host no
 * two have it at a time: it ends with {@link release}, or with the process. Of a process of another host nobody can say here
 * whether it is there; the agents know whether they have a controller.
 */
export class RunClaim {
  /** Processes of other hosts that have not given the run back. */
  readonly unjudged: readonly string[];
  readonly #path: string;

  private constructor(path: string, unjudged: readonly string[]) {
    this.#path = path;
    this.unjudged = unjudged;
  }

  /**
   * Claims a run that a controller has left, before anything of it is changed.
   *
   * @param directory the results directory
   * @throws BenchError `RUN_HAS_CONTROLLER` when a process of this host has it; as `readLeftRun` when there is nothing to
   *   take over; `RESULTS_WRITE_FAILED`
   */
  static take(directory: string): RunClaim {
    const control = join(directory, CONTROL_DIRECTORY);
    const draft = join(control, `controller-${randomUUID()}.tmp`);
    readLeftRun(directory);
    try {
      for (;;) {
        const { held, next } = readClaims(control);
        refuseHeld(held);
        const path = join(control, `controller-${String(next)}.json`);
        writeFileSync(draft, `${JSON.stringify(ownProcess())}\n`);
        if (publish(draft, path)) return new RunClaim(path, held.flatMap(describeUnjudged));
      }
    } catch (error) {
      // The run has ended meanwhile: that says why.
      if (systemCode(error) === 'ENOENT') readLeftRun(directory);
      throw error instanceof BenchError ? error : claimError(control, error);
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Gives the run back. Where that cannot be written, it is as good that this process ends. */
  release(): void {
    try {
      // Not made anew: with the end of the run it is gone.
      const file = openSync(this.#path, constants.O_WRONLY | constants.O_APPEND);
      try {
        writeSync(file, RELEASED);
      } finally {
        closeSync(file);
      }
    } catch {
      // See above.
    }
  }
}

/** That somebody else leads the run, and how that is known. */
export function hasControllerError(how: string): BenchError {
  return new BenchError(`the run has a controller: ${how}`, {
    code: 'RUN_HAS_CONTROLLER',
    class: 'config',
    hint: 'close its terminal (SIGHUP) to leave the run to its agents; if it was killed on another host, agents notice that within grpc_keepalive_interval and grpc_keepalive_timeout',
  });
}

function readClaims(control: string): { held: readonly HeldClaim[]; next: number } {
  const numbers = readdirSync(control).flatMap((name) => CLAIM.exec(name)?.[1] ?? []);
  const held = numbers.flatMap((number) => {
    const text = readFileSync(join(control, `controller-${number}.json`), 'utf8');
    return text.endsWith(RELEASED) ? [] : [{ by: processIn(text) }];
  });
  return { held, next: Math.max(0, ...numbers.map(Number)) + 1 };
}

/** Undefined when it was cut short. */
function processIn(text: string): HostProcess | undefined {
  try {
    return JSON.parse(text) as HostProcess;
  } catch {
    return undefined;
  }
}

/** @throws BenchError `RUN_HAS_CONTROLLER` when a process of this host holds a claim */
function refuseHeld(held: readonly HeldClaim[]): void {
  for (const { by } of held) {
    if (by?.hostname !== hostname() || isProcessGone(by)) continue;
    throw hasControllerError(`process ${String(by.processId)} on this host takes it over`);
  }
}

function describeUnjudged({ by }: HeldClaim): string[] {
  if (by === undefined) return ['a process that it does not name'];
  return by.hostname === hostname() ? [] : [`process ${String(by.processId)} on ${by.hostname}`];
}

/** Makes a claim that is whole, unless there is one of that number; false when there is. */
function publish(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!NO_LINKS.has(systemCode(error))) throw error;
  }
  try {
    writeFileSync(path, readFileSync(draft), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function claimError(control: string, cause: unknown): BenchError {
  return new BenchError(`cannot note in ${control} who takes the run over`, {
    code: 'RESULTS_WRITE_FAILED',
    class: 'resource',
    hint: 'nothing was changed: see that this user may write to it, and that its file system has room',
    cause,
  });
}
