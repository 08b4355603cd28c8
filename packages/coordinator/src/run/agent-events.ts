import type {
  PlainStageProgress,
  PlainStageSummary,
  RunResponse,
} from '@sai3bench/barrier-protocol';
import { BenchError, fromErrorRecord } from '@sai3bench/errors';
import type { ActiveRun } from './active-run.ts';
import { type AgentEvent, decodeEvent } from '../link/agent-event.ts';
import type { AgentMember } from '../team/agent-member.ts';
import { takeUp } from '../takeover/take-up.ts';
import type { Attached, RunListener } from '../link/run-stream.ts';
import { failMember, takeOutcome } from './take-outcome.ts';
import { formatDurationMs } from '@sai3bench/units';
import { describeTurn } from '../stage/endpoint-turns.ts';
import { closeLateStage } from '../phases/close-stage.ts';
import type { StageSession } from '../stage/stage-session.ts';
import type { WorkProgress } from '../stage/shared-work.ts';

/** Takes what one agent says during a run. */
export class AgentEvents implements RunListener {
  readonly #run: ActiveRun;
  readonly #member: AgentMember;

  constructor(run: ActiveRun, member: AgentMember) {
    this.#run = run;
    this.#member = member;
  }

  onEvent(response: RunResponse): void {
    this.#member.heard(this.#run.nowMs());
    let event: AgentEvent;
    try {
      event = decodeEvent(response);
    } catch (error) {
      // The message makes no sense: that is the agent's failure.
      this.#fail(BenchError.from(error));
      return;
    }
    try {
      this.#take(event);
      this.#run.journal.took(this.#member, Number(response.sequence));
    } catch (thrown) {
      const error = BenchError.from(thrown);
      // Histograms are decoded as they are added. Anything else is ours: what the agent said could not be kept.
      if (error.code === 'STATS_MALFORMED') this.#fail(error);
      else this.#run.team.failHere(error);
    }
  }

  onAway(): void {
    this.#run.team.away(this.#member);
  }

  onCalled(error: BenchError): void {
    const { observer, workload } = this.#run.options;
    observer.warning(
      `${error.message}: waiting up to ${formatDurationMs(workload.reconnectGraceMs)} for it; if it is alive it goes on working`,
    );
  }

  onBack(attached: Attached): void {
    const { options, team } = this.#run;
    const member = this.#member;
    const wasAway = member.awaySinceMs !== undefined;
    const awayMs = team.back(member);
    member.heard(this.#run.nowMs());
    if (wasAway) options.observer.agentBack(member.id, awayMs);
    if (attached.state === 'ended') member.confirmEnd();
    this.#run.journal.acknowledgeAgain(member);
    if (member.isTakenOver) return;
    member.isTakenOver = true;
    takeUp(this.#run, member, attached);
  }

  onClosed(error: BenchError | undefined): void {
    // Who has refused to begin the run does nothing for it.
    if (error?.code === 'AGENT_REFUSED' && this.#isStarting) this.#member.confirmEnd();
    if (error !== undefined && !this.#member.ended) this.#fail(error);
    this.#run.team.ended(this.#member);
  }

  #take(event: AgentEvent): void {
    const { team, options } = this.#run;
    const member = this.#member;
    switch (event.type) {
      case 'ready':
        options.results.agent(member.id).writeMetadata({
          agent_id: member.id,
          address: member.agent.address,
          ...event.environment,
        });
        member.knowledge = event.knowledge;
        // An agent that is taken over in the middle of a run says it too, after all that it was still to say.
        member.isIdle = !member.wasAtWork;
        if (this.#run.awaitsReady || (member.isLeftBehind && member.isIdle)) team.arrive(member);
        return;
      case 'states':
        this.#run.exchange?.states(event.told);
        return;
      case 'statesTaken':
        this.#run.exchange?.taken(event.request);
        return;
      case 'stageLoading':
        this.#run.loading?.progress(member.id, event.loading);
        return;
      case 'tidyingUp':
        this.#tidyingUp(event.progress);
        return;
      case 'stageLoaded':
        member.isIdle = true;
        this.#stageLoaded(event);
        return;
      case 'stageProgress':
        this.#takeProgress(event.stage, event.progress);
        return;
      case 'stageSummary':
        this.#takeSummary(event.stage, this.#onOurTime(event.summary));
        return;
      case 'log':
        options.observer.agentLog(member.id, {
          ...event.record,
          unixUs: this.#run.timeOfDayAt(member, event.record.unixUs / 1000) * 1000,
        });
        return;
      case 'runFailed':
        this.#runFailed(fromErrorRecord(event.error));
        return;
      case 'runEnded':
        member.confirmEnd();
        if (!member.isDismissed) this.#run.session?.agentGone(member.id);
        if (event.reason !== '') team.endedBefore(member, event.reason);
        team.ended(member);
        return;
      case 'heartbeat':
        return;
    }
  }

  #stageLoaded({ found, parts, stage }: Extract<AgentEvent, { type: 'stageLoaded' }>): void {
    const { loading, stageIndex, team } = this.#run;
    const member = this.#member;
    if (member.isLeftBehind) {
      team.arrive(member);
    } else if (loading !== undefined && stage === stageIndex) {
      loading.loaded(found, parts);
      team.arrive(member);
    } else if (member.stateAtTakeover?.stage === stage) {
      // Nobody waits for it yet: it is to be told again.
      member.stateAtTakeover = undefined;
    }
  }

  #tidyingUp(progress: WorkProgress): void {
    const { options, team, tidyingUp } = this.#run;
    if (tidyingUp.progress(this.#member.id, progress)) team.movedOn();
    options.observer.tidyingUp(tidyingUp.total ?? progress);
  }

  #takeProgress(stage: number, progress: PlainStageProgress): void {
    const { options } = this.#run;
    const session = this.#run.sessionOf(stage);
    if (session === undefined) return;
    for (const turn of session.progress(this.#member.id, progress)) {
      options.observer.warning(`in stage ${session.stage.name}: ${describeTurn(turn)}`);
    }
  }

  #takeSummary(stage: number, summary: PlainStageSummary): void {
    const { options, team } = this.#run;
    const member = this.#member;
    const session = this.#run.sessionOf(stage);
    member.isIdle = true;
    if (session === undefined) {
      // Nothing of it is kept here, so the agent keeps it; but what is told again of a stage that is over was kept then.
      const wasOver = stage < (options.left?.stage?.entry.index ?? 0);
      if (stage >= this.#run.stageIndex && !wasOver) this.#run.journal.hold(member);
      if (member.isLeftBehind) team.arrive(member);
      return;
    }
    if (session.has(member.id)) return;
    this.#run.journal.summary(stage, member, summary);
    if (!session.summary(member.id, summary)) {
      options.observer.warning(
        `the final report of ${member.id} does not equal the sum of its intervals: the report counts`,
      );
    }
    if (session !== this.#run.session) {
      this.#takeLateSummary(stage, session);
      return;
    }
    takeOutcome(this.#run, member, session, summary);
  }

  /** An agent that was left behind has ended its stage, and waits to join again. */
  #takeLateSummary(stage: number, session: StageSession): void {
    const { observer } = this.#run.options;
    const { id } = this.#member;
    observer.detail(
      `${id} has ended stage ${session.stage.name} too; it joins at the next barrier`,
    );
    closeLateStage(this.#run, stage, session);
    this.#run.team.arrive(this.#member);
  }

  #runFailed(error: BenchError): void {
    // It was this controller that has stopped it, by another way than the stream.
    if (error.code === 'RUN_STOPPED' && this.#member.order === 'abort') return;
    if (error.code !== 'RUN_STOPPED') {
      this.#fail(error);
      return;
    }
    this.#run.options.observer.warning(`${this.#member.id}: ${error.message}`);
    this.#run.options.stop.request('terminated', sentenceOf(error.message));
  }

  /** A report with times of day as our clock would have shown them. */
  #onOurTime(summary: PlainStageSummary): PlainStageSummary {
    const ours = (theirsMs: number): number => this.#run.timeOfDayAt(this.#member, theirsMs);
    return {
      ...summary,
      errors: summary.errors.map((group) => ({
        ...group,
        firstAtMs: ours(group.firstAtMs),
        lastAtMs: ours(group.lastAtMs),
      })),
    };
  }

  /** Whether this controller is the one that starts the run, and has not heard yet that the agents are ready. */
  get #isStarting(): boolean {
    return this.#run.awaitsReady && this.#run.options.left === undefined;
  }

  #fail(error: BenchError): void {
    failMember(this.#run, this.#member, error);
  }
}

/** What an error says, as a sentence without its full stop. */
function sentenceOf(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
