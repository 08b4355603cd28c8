import { randomUUID } from 'node:crypto';
import type { PlainPoolCondition } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { StateExchange } from '../dataset/state-exchange.ts';
import type { StagesOutcome } from '../phases/stages-outcome.ts';
import { SharedWork } from '../stage/shared-work.ts';
import type { StageLoading } from '../stage/stage-loading.ts';
import type { StageSession } from '../stage/stage-session.ts';
import { ControlJournal } from '../takeover/control-journal.ts';
import type { AgentMember } from '../team/agent-member.ts';
import { AgentTeam } from '../team/agent-team.ts';
import { ClockWatch } from '../team/clock-watch.ts';
import type { RunOptions } from './run-options.ts';
import { CONTROLLER, type RunFailure } from './run-outcome.ts';
import { RunRecord } from './run-record.ts';

/** A run that is under way: what its phases share. */
export class ActiveRun {
  readonly options: RunOptions;
  readonly team: AgentTeam;
  readonly record: RunRecord;
  readonly clocks: ClockWatch<AgentMember>;
  readonly journal: ControlJournal;
  /** Tells this process from another controller of the run. */
  readonly controllerId = randomUUID();
  /** Whether agents are waited for that are to say that they are ready. */
  awaitsReady = false;
  /** The stage that runs now. */
  session: StageSession | undefined;
  /** How agents were told to begin the stage that runs, by a controller before this one. */
  begun:
    { readonly instantNs: number; readonly conditions: readonly PlainPoolCondition[] } | undefined;
  /** Stages that are over, but not yet for agents that were left behind in them, by position. */
  readonly lateSessions = new Map<number, StageSession>();
  /** What agents are handing to each other now. */
  exchange: StateExchange | undefined;
  /** The stage that the agents are getting ready for. */
  loading: StageLoading | undefined;
  /** What the agents do when all objects are deleted. */
  readonly tidyingUp: SharedWork;
  /** Whether a prepare stage of this run has begun: what was left unfinished before is then over. */
  prepared = false;
  /** How its stages have ended; undefined before. */
  outcome: StagesOutcome | undefined;
  /** Position of the current stage, from 0; of the last when all are over. */
  stageIndex = 0;
  /** From our monotonic clock to the time of day: the run's data stay on one time line when the clock is set. */
  readonly #unixAheadMs: number;

  constructor(options: RunOptions, members: readonly AgentMember[]) {
    this.options = options;
    this.team = new AgentTeam(members, options.runId, options.observer, () => this.nowMs());
    this.record = new RunRecord(options, members);
    this.journal = new ControlJournal(this);
    this.team.onFailure = (failure, isLost) => {
      this.#journalFailure(failure, isLost);
    };
    this.clocks = new ClockWatch({ members, nowNs: options.nowNs });
    this.#unixAheadMs = options.now().getTime() - options.nowNs() / 1e6;
    this.tidyingUp = new SharedWork(() => this.nowMs());
  }

  nowMs(): number {
    return this.options.nowNs() / 1e6;
  }

  /** The time of day at an instant of our monotonic clock, ms since 1970. */
  timeOfDayMs(instantNs: number): number {
    return instantNs / 1e6 + this.#unixAheadMs;
  }

  /** What our clock showed when the clock of an agent showed a time of day; both in ms since 1970. */
  timeOfDayAt(member: AgentMember, theirsMs: number): number {
    const instantNs = member.clock.instantOfUnix(theirsMs * 1000, this.options.nowNs());
    return instantNs === undefined ? theirsMs : this.timeOfDayMs(instantNs);
  }

  /** The instant of our monotonic clock at a time of day, ms since 1970. */
  instantOf(timeOfDayMs: number): number {
    return (timeOfDayMs - this.#unixAheadMs) * 1e6;
  }

  /** The session of a stage, as long as anybody works on it. */
  sessionOf(stage: number): StageSession | undefined {
    return stage === this.stageIndex && this.session !== undefined
      ? this.session
      : this.lateSessions.get(stage);
  }

  /** Whether nothing new is to begin. */
  get isOver(): boolean {
    const { failedHere, isBroken, stopReason } = this.team;
    return stopReason !== undefined || failedHere || isBroken;
  }

  #journalFailure(failure: RunFailure, isLost: boolean): void {
    if (failure.agentId === CONTROLLER) {
      // What goes wrong when all stages are over ends nothing before its time.
      if (this.outcome === undefined) this.journal.failureHere(failure);
      return;
    }
    if (this.team.isLedByOther) return;
    try {
      this.journal.failure(failure, isLost);
    } catch (error) {
      this.team.failHere(BenchError.from(error));
    }
  }
}
