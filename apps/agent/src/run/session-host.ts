import { BenchError } from '@sai3bench/errors';
import { type HostCommand, HostProcess, type HostProcessOptions } from '@sai3bench/workload-engine';
import type { AgentLog } from '../console/agent-log.ts';
import { CustomStages, type CustomStagesOptions } from '../custom/custom-stages.ts';

/** How long the I/O process may take to stop by itself before it is killed. */
const STOP_GRACE_MS = 1_500;
/** How long a killed process may take to be gone before it is abandoned. */
const KILL_GRACE_MS = 300;
/** How long tidying up at the end may take without getting on. */
const CLOSE_GRACE_MS = 10_000;

/** What a session host needs to know of its run. */
export type HostedRun = Pick<CustomStagesOptions, 'directory' | 'env' | 'plan'>;

/**
 * The process that does the I/O of a run, and the programs of its custom stages, with a limit to the time that each way
 * to end them takes.
 */
export class SessionHost {
  readonly #log: AgentLog;
  readonly #process: HostProcess;
  readonly #custom: CustomStages;
  #timer: NodeJS.Timeout | undefined;
  #closes = false;

  constructor(log: AgentLog, run: HostedRun, options: HostProcessOptions) {
    const { onDeath, onEvent } = options;
    this.#log = log;
    this.#process = new HostProcess({
      ...options,
      onDeath: (error) => {
        void this.#custom.kill().then(() => {
          onDeath(error);
        });
      },
    });
    this.#custom = new CustomStages({
      ...{ ...run, log, onEvent },
      onGroup: (group) => {
        this.#process.send({ type: 'guard', group });
      },
    });
  }

  /** @throws BenchError `CUSTOM_NO_DIRECTORY` when there is no place to run a program in */
  send(command: HostCommand): void {
    if (!this.#custom.take(command)) this.#process.send(command);
  }

  /** Lets it tidy up and end. */
  close(onTimeout: (error: BenchError) => void): void {
    this.#process.send({ type: 'close' });
    this.#closes = true;
    this.#after(CLOSE_GRACE_MS, () => {
      onTimeout(
        new BenchError('tidying up did not end', { code: 'CLOSE_TIMEOUT', class: 'timeout' }),
      );
    });
  }

  /** Notes that it gets on with tidying up, which gives it more time. */
  movedOn(): void {
    if (this.#closes) this.#timer?.refresh();
  }

  /** Lets a running stage end with what it has done; others may follow. */
  stopStage(): void {
    this.#custom.stop();
    this.#process.send({ type: 'stop-stage' });
  }

  /** Lets a running stage end with what it has done, and nothing follow. */
  stop(onTimeout: () => void): void {
    this.#closes = false;
    this.#custom.stop();
    this.#process.send({ type: 'stop', reason: 'the run is being stopped' });
    this.#after(STOP_GRACE_MS, onTimeout);
  }

  /** @returns whether it is gone; otherwise it is abandoned */
  async kill(): Promise<boolean> {
    this.forgetLimits();
    const [gone] = await Promise.all([this.#process.kill(KILL_GRACE_MS), this.#custom.kill()]);
    if (!gone) {
      this.#log.warn(
        `The I/O process ${String(this.#process.pid)} is stuck in a system call and was abandoned: it ends when the call returns`,
      );
    }
    return gone;
  }

  /** Waits for nothing any more. */
  forgetLimits(): void {
    this.#closes = false;
    clearTimeout(this.#timer);
  }

  #after(delayMs: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, delayMs);
  }
}
