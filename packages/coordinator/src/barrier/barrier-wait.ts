import { formatCount, formatDurationMs } from '@sai3bench/units';
import type { AgentLink } from '../link/agent-link.ts';
import type { BarrierWait, RunObserver } from '../run/run-observer.ts';
import type { AgentMember } from '../team/agent-member.ts';
import type { Gate } from './gate.ts';

const TELL_INTERVAL_MS = 10_000;
/** Agents that are named to those that wait; the number of all is told too. */
const NAMED = 5;

/** What is needed of an agent to say that it is waited for. */
interface WaitingMember extends Pick<AgentMember, 'awaySinceMs' | 'id' | 'isLeftBehind'> {
  readonly link: Pick<AgentLink, 'mention'>;
}

/** What is needed of a run. */
export interface WaitingRun {
  readonly options: { readonly observer: Pick<RunObserver, 'waitingAtBarrier'> };
  readonly team: {
    readonly members: readonly WaitingMember[];
    readonly active: readonly WaitingMember[];
  };
  nowMs(): number;
}

/** What is needed of the stage before the barrier. */
interface WaitingStage {
  /** From 1. */
  readonly number: number;
  readonly stage: { readonly name: string };
  readonly tally: {
    readonly agents: ReadonlyMap<
      string,
      { readonly tasksDone: number; readonly tasksTotal: number }
    >;
  };
}

/** Says on both sides, every 10 s, for whom agents wait at the barrier after a stage. */
export class BarrierWaitTeller {
  readonly #run: WaitingRun;
  readonly #session: WaitingStage;
  readonly #gate: Gate;
  #toldMs = 0;

  constructor(run: WaitingRun, session: WaitingStage, gate: Gate) {
    this.#run = run;
    this.#session = session;
    this.#gate = gate;
  }

  /** Looks whether it is time to say something. */
  look(): void {
    const { waitedMs } = this.#gate;
    if (waitedMs - this.#toldMs < TELL_INTERVAL_MS) return;
    this.#toldMs = waitedMs;
    const wait = this.#describe(waitedMs);
    this.#run.options.observer.waitingAtBarrier(wait);
    for (const { id, link } of this.#run.team.active) {
      if (!this.#gate.hasArrived(id)) continue;
      link.mention({
        case: 'barrierWait',
        value: {
          $typeName: 'sai3bench.agent.v1.BarrierWait',
          ...{ stage: this.#session.number - 1, waitedMs, count: wait.waitsFor.length },
          waitsFor: wait.waitsFor.slice(0, NAMED),
        },
      });
    }
  }

  #describe(waitedMs: number): BarrierWait {
    const missing = new Set(this.#gate.missing);
    return {
      stage: this.#session.stage.name,
      waitedMs,
      arrived: this.#gate.arrived,
      waitsFor: this.#run.team.members
        .filter(({ id }) => missing.has(id))
        .map((member) => `${member.id} (${this.#whatItIsAt(member)})`),
    };
  }

  #whatItIsAt({ awaySinceMs, id, isLeftBehind }: WaitingMember): string {
    const nowMs = this.#run.nowMs();
    if (awaySinceMs !== undefined) return `away for ${formatDurationMs(nowMs - awaySinceMs)}`;
    if (isLeftBehind) return 'still at an earlier stage';
    const { tasksDone = 0, tasksTotal = 0 } = this.#session.tally.agents.get(id) ?? {};
    if (tasksTotal === 0) return 'at work';
    return `${formatCount(tasksDone)} of ${formatCount(tasksTotal)} done`;
  }
}
