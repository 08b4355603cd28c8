import { BenchError } from '@sai3bench/errors';
import type { AgentPlan } from '@sai3bench/workload-config';
import { monotonicClock } from '../../clock.ts';
import type { HostCommand, HostEvent } from '../../host/host-messages.ts';
import { HostProcess } from '../../host/host-process.ts';
import { layOutThreads } from '../../host/thread-layout.ts';
import { chooseWorkers, readCpuLimits } from '../../host/worker-choice.ts';

const KILL_LIMIT_MS = 60_000;
const START_DELAY_NS = 20_000_000;

/** Who waits for an event of the process. */
interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** An I/O process that carries out the first stage of a plan, and may be killed while it does. */
export class Victim {
  /** What the user was told. */
  readonly notices: string[] = [];
  readonly #plan: AgentPlan;
  readonly #process: HostProcess;
  readonly #layout: ReturnType<typeof layOutThreads>;
  readonly #waiting = new Map<HostEvent['type'], Waiting>();

  constructor(plan: AgentPlan) {
    this.#plan = plan;
    this.#layout = layOutThreads(plan, chooseWorkers(undefined, readCpuLimits()));
    this.#process = new HostProcess({
      threadPoolSize: this.#layout.threadPoolSize,
      onEvent: (event) => {
        if (event.type === 'notice') this.notices.push(event.text);
        if (event.type === 'failed') this.#fail(new BenchError(event.error.message, event.error));
        this.#waiting.get(event.type)?.resolve();
      },
      onDeath: (error) => {
        this.#fail(error);
      },
    });
  }

  /** Opens the run and gets ready for the stage. */
  async load(startOver: boolean): Promise<void> {
    const opening = {
      ...{ plan: this.#plan, layout: this.#layout, agentIds: [this.#plan.agentId] },
      startedAtMs: Date.now(),
    };
    await this.#ask({ type: 'open', ...opening }, 'opened');
    await this.#ask({ type: 'load-stage', stage: 0, startOver, goOnWith: [] }, 'stage-loaded');
  }

  /** Carries out the stage; resolves at its end. */
  async run(): Promise<void> {
    const startAtNs = monotonicClock()() + START_DELAY_NS;
    await this.#ask({ type: 'begin-stage', stage: 0, startAtNs, pools: [] }, 'stage-ended');
  }

  async close(): Promise<void> {
    await this.#ask({ type: 'close' }, 'closed');
  }

  /** Ends the process at once, whatever it does. */
  async kill(): Promise<void> {
    if (await this.#process.kill(KILL_LIMIT_MS)) return;
    throw new BenchError('a process outlives its SIGKILL', {
      code: 'UNKILLABLE',
      class: 'internal',
    });
  }

  #ask(command: HostCommand, answer: HostEvent['type']): Promise<void> {
    const answered = new Promise<void>((resolve, reject) => {
      this.#waiting.set(answer, { resolve, reject });
    });
    this.#process.send(command);
    return answered;
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}
