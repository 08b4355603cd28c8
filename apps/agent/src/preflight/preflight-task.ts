import { type PlainPreflightAnswer, PushQueue } from '@sai3bench/barrier-protocol';
import { type HostCommand, type HostEvent, HostProcess } from '@sai3bench/workload-engine';

const POOL_THREADS = 4;

/** What preflight asks of a process that does I/O. */
export type PreflightCommand = Extract<HostCommand, { type: 'check' | 'probe' }>;

/** A process for one preflight, so that storage that hangs can be left behind. It does one thing after the other. */
export class PreflightTask {
  readonly #host: HostProcess;
  readonly #limitMs: number;
  #answers = new PushQueue<PlainPreflightAnswer>();
  #checking = 'the host';
  #timer: NodeJS.Timeout | undefined;
  /** Fulfilled when what was asked for last is over. */
  #turn = Promise.resolve();
  #isBusy = false;
  #isGivenUp = false;

  /**
   * @param limitMs how long it may do one thing before it counts as hung, which is a finding
   * @param env environment of the process
   */
  constructor(limitMs: number, env: NodeJS.ProcessEnv) {
    this.#limitMs = limitMs;
    this.#host = new HostProcess({
      threadPoolSize: POOL_THREADS,
      env,
      onEvent: (event) => {
        this.#onEvent(event);
      },
      onDeath: ({ hint, message }) => {
        this.#giveUp(message, hint);
      },
    });
  }

  /** Whether nothing is under way, and something can be asked for. */
  get isIdle(): boolean {
    return !this.#isBusy && !this.#isGivenUp;
  }

  /** Has something done, and yields what is found. After a process was given up, nothing is done any more. */
  async *ask(command: PreflightCommand): AsyncGenerator<PlainPreflightAnswer> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#turn = promise.then(() => undefined);
    await before;
    try {
      if (this.#isGivenUp) return;
      this.#answers = new PushQueue();
      this.#isBusy = true;
      this.#restartTimer();
      this.#host.send(command);
      yield* this.#answers;
    } finally {
      resolve(undefined);
    }
  }

  /** Ends what is yielded now, without waiting for the process. */
  leave(): void {
    this.#answers.close();
  }

  /**
   * Ends the process: asks it to remove what it has written for what is under way, and kills it.
   *
   * @param graceMs how long that may take
   * @returns whether everything that was under way came to its end
   */
  async end(graceMs: number): Promise<boolean> {
    if (this.#isBusy && !this.#isGivenUp) {
      const over = new Promise<void>((resolve) => (this.#onOver = resolve));
      this.#host.send({ type: 'stop', reason: 'the checks are to end' });
      await Promise.race([over, after(graceMs)]);
    }
    const isClean = this.isIdle;
    this.#isGivenUp = true;
    clearTimeout(this.#timer);
    await this.#host.kill(0);
    return isClean;
  }

  #onOver: () => void = () => undefined;

  #onEvent(event: HostEvent): void {
    if (this.#isBusy) this.#restartTimer();
    switch (event.type) {
      case 'checking':
        this.#checking = event.what;
        return;
      case 'finding':
        this.#answers.push({ type: 'finding', finding: event.finding });
        return;
      case 'sight':
        this.#answers.push({ type: 'sight', sight: event.sight });
        return;
      case 'checked':
        this.#over();
        return;
      case 'failed':
        this.#report(event.error.message, event.error.hint);
        this.#over();
        return;
      default:
      // What runs report.
    }
  }

  #restartTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#giveUp(
        `the check "${this.#checking}" has not ended after ${String(this.#limitMs / 1000)} s`,
        'the target seems to hang: check the mount, or the network to it',
      );
    }, this.#limitMs);
  }

  #giveUp(message: string, hint: string | undefined): void {
    this.#isGivenUp = true;
    this.#report(message, hint);
    this.#over();
  }

  #report(message: string, hint = 'see the log of the agent'): void {
    const place = { class: 'SYSTEM', check: 'checks', target: '' } as const;
    this.#answers.push({ type: 'finding', finding: { level: 'error', ...place, message, hint } });
  }

  #over(): void {
    this.#isBusy = false;
    clearTimeout(this.#timer);
    this.#answers.close();
    this.#onOver();
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
