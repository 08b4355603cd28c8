import { randomUUID } from 'node:crypto';
import type { PlainPreflight, PlainPreflightAnswer } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { AgentPlan } from '@sai3bench/workload-config';
import { openPlan } from '../run/opened-plan.ts';
import { PreflightTask } from './preflight-task.ts';

/** How long things may take. */
export interface PreflightLimits {
  /** A single check that takes longer counts as hung. */
  readonly checkMs: number;
  /** For checks that are to end, to remove what they have written; then they are killed. */
  readonly graceMs: number;
  /** For removing what they have left behind then. */
  readonly removeMs: number;
}

const LIMITS: PreflightLimits = { checkMs: 15_000, graceMs: 1_000, removeMs: 5_000 };

/** A preflight of which probes are there for other agents. */
interface Held {
  readonly task: PreflightTask;
  readonly plan: AgentPlan;
}

/** What tells where probes may be, and how to get there. */
interface Written {
  readonly plan: AgentPlan;
  readonly probeId: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * What an agent does for controllers before their runs, each time in a process of its own. Whatever is written for it is
 * removed: by the process itself, or, where that was killed, by another one.
 */
export class PreflightSessions {
  readonly #workers: number | undefined;
  readonly #limits: PreflightLimits;
  readonly #stopping = new AbortController();
  /** What is still being ended or removed. */
  readonly #loose = new Set<Promise<void>>();
  /** By the ids of their probes. */
  readonly #held = new Map<string, Held>();

  /** @param workers worker threads that the agent was told to use */
  constructor(workers: number | undefined, limits: PreflightLimits = LIMITS) {
    this.#workers = workers;
    this.#limits = limits;
  }

  /** Ends everything, and waits until what was written is removed, as far as storage lets that be. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    while (this.#loose.size > 0) await Promise.all(this.#loose);
  }

  /**
   * Does what a controller asks for, and yields what is found. Where probes are to be placed for other agents and nothing
   * is wrong, it stays until the signal comes.
   *
   * @param signal the controller is gone, or wants no more
   * @param env environment of the processes: what is not there when probes are placed, is not known later
   * @throws BenchError `PLAN_INVALID` when the plan cannot be understood, `PREFLIGHT_NOT_PLACED` when probes are to be looked
   *   for or removed that were never placed
   */
  async *answer(
    asked: PlainPreflight,
    signal: AbortSignal,
    env: NodeJS.ProcessEnv = process.env,
  ): AsyncGenerator<PlainPreflightAnswer> {
    const { sharing } = asked;
    const ending = AbortSignal.any([signal, this.#stopping.signal]);
    if (sharing === undefined || sharing.step === 'place') yield* this.#check(asked, ending, env);
    else yield* this.#goOn(asked.probeId, sharing.step, sharing.owners);
  }

  async *#check(
    { planJson, probeId: given, sharing }: PlainPreflight,
    ending: AbortSignal,
    env: NodeJS.ProcessEnv,
  ): AsyncGenerator<PlainPreflightAnswer> {
    const { layout, plan } = openPlan(planJson, this.#workers);
    if (isAborted(ending)) return;
    const probeId = given === '' ? newProbeId() : given;
    const task = new PreflightTask(this.#limits.checkMs, env);
    const leave = (): void => {
      task.leave();
    };
    ending.addEventListener('abort', leave);
    let isSound = true;
    let isPlaced = false;
    try {
      for await (const answer of task.ask({ type: 'check', plan, layout, probeId })) {
        isSound &&= answer.type !== 'finding' || answer.finding.level !== 'error';
        yield answer;
      }
      if (sharing === undefined || !isSound || isAborted(ending)) return;
      isPlaced = true;
      this.#held.set(probeId, { task, plan });
      yield* task.ask({ type: 'probe', step: 'place', plan, probeId, owners: [] });
      yield { type: 'placed' };
      await aborted(ending);
    } finally {
      ending.removeEventListener('abort', leave);
      // Those that the controller has had removed are not held any more.
      const isLeft = isPlaced && this.#held.delete(probeId);
      this.#keep(this.#end(task, { plan, probeId, env }, isLeft));
    }
  }

  async *#goOn(
    probeId: string,
    step: 'look' | 'remove',
    owners: readonly string[],
  ): AsyncGenerator<PlainPreflightAnswer> {
    const held = this.#held.get(probeId);
    if (held === undefined) throw notPlacedError(probeId);
    const { plan, task } = held;
    yield* task.ask({ type: 'probe', step, plan, probeId, owners });
    if (step === 'remove') this.#held.delete(probeId);
  }

  /** @param isLeft whether probes are there that nobody has removed */
  async #end(task: PreflightTask, written: Written, isLeft: boolean): Promise<void> {
    const canRemove = isLeft && task.isIdle;
    if (canRemove) await remove(task, written);
    const isClean = await task.end(this.#limits.graceMs);
    if (isClean && (canRemove || !isLeft)) return;
    const other = new PreflightTask(this.#limits.removeMs, written.env);
    await remove(other, written);
    await other.end(0);
  }

  #keep(work: Promise<void>): void {
    this.#loose.add(work);
    void work.finally(() => this.#loose.delete(work));
  }
}

/** Removes everything that was written under an id. What cannot be removed was said, or nobody listens any more. */
async function remove(task: PreflightTask, { plan, probeId }: Written): Promise<void> {
  const answers = task.ask({ type: 'probe', step: 'remove', plan, probeId, owners: [] });
  while ((await answers.next()).done !== true);
}

function notPlacedError(probeId: string): BenchError {
  return new BenchError(`this agent has placed no probes of preflight ${probeId}`, {
    code: 'PREFLIGHT_NOT_PLACED',
    class: 'config',
    hint: 'use agents and controller of the same version',
  });
}

/** Letters and digits, as agents take it for parts of names. */
function newProbeId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 12);
}

/** A question of its own: the answer changes while others are waited for. */
function isAborted({ aborted: is }: AbortSignal): boolean {
  return is;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else {
      signal.addEventListener('abort', () => {
        resolve();
      });
    }
  });
}
