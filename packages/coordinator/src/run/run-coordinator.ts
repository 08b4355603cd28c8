import {
  errorFromWire,
  type LivenessRule,
  logFromWire,
  type PlainFinding,
  progressFromWire,
  PROTOCOL_VERSION,
  type RunResponse,
  summaryFromWire,
} from '@sai3bench/barrier-protocol';
import { BenchError, fromErrorRecord, summarizeError } from '@sai3bench/errors';
import type { ResultsDirectory, RunMetadata } from '@sai3bench/results-dir';
import { formatRfc3339 } from '@sai3bench/results-dir';
import { planAgent, type Stage, type Workload } from '@sai3bench/workload-config';
import type { RosterEntry } from '../roster/roster.ts';
import { type AgentConnection, AgentLink } from './agent-link.ts';
import { AgentMember } from './agent-member.ts';
import { Gate, type GateResult } from './gate.ts';
import { LivenessWatch } from './liveness-watch.ts';
import type { RunObserver } from './run-observer.ts';
import type { RunFailure, RunOutcome, RunOutcomeKind } from './run-outcome.ts';
import { type Failures, StageSession } from './stage-session.ts';
import type { StopReason, StopSignal } from './stop-signal.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** How long agents may take to stop after an abort; then the run ends without them. */
const ABORT_WAIT_MS = 1_900;
const FINISH_WAIT_MS = 15_000;
const VIEW_INTERVAL_MS = 500;
const WAIT_REPORT_MS = 1_000;
/** Counting down less than this is not worth a line. */
const SHORTEST_COUNTDOWN_MS = 500;
/** From the order to begin to the common start: covers the way to the agents, besides their clock errors. */
const START_LEAD_MS = 50;

/** What a run needs. */
export interface RunOptions {
  readonly workload: Workload;
  readonly agents: readonly RosterEntry[];
  readonly connect: (address: string) => AgentConnection;
  readonly results: ResultsDirectory;
  readonly observer: RunObserver;
  readonly stop: StopSignal;
  readonly runId: string;
  /** The seed of all generated data, a 64-bit number in decimal. */
  readonly dataSeed: string;
  readonly version: string;
  /** From the countdown to the first stage. */
  readonly startDelayMs: number;
  /** What `metadata.json` says besides the times. */
  readonly metadata: Omit<RunMetadata, 'start_time' | 'end_time' | 'duration_secs'>;
  /** A monotonic clock in ns. */
  readonly nowNs: () => number;
  /** The time of day. */
  readonly now: () => Date;
}

/** Drives one run over many agents: checks, common starts, barriers, merged results. */
export class RunCoordinator {
  readonly #options: RunOptions;
  readonly #members: readonly AgentMember[];
  readonly #startedAt: Date;
  readonly #failures: RunFailure[] = [];
  readonly #cancel = new AbortController();
  /** What the agents are waited for at, and, when the run ends, for what they still have to say. */
  #gate: Gate | undefined;
  #endGate: Gate | undefined;
  #session: StageSession | undefined;
  #watch: LivenessWatch | undefined;
  #stageIndex = 0;
  #stopped: StopReason | undefined;
  #totalOperations = 0;
  #totalErrors = 0;

  /** @throws BenchError `CONFIG_INVALID` when the workload cannot be carried out as written */
  constructor(options: RunOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    const { agents, connect, dataSeed, nowNs, runId, workload } = options;
    const plans = agents.map(({ entry, id }, agentIndex) =>
      planAgent(workload, {
        agentId: id,
        agentIndex,
        agentCount: agents.length,
        entry,
        runId,
        dataSeed,
      }),
    );
    this.#members = agents.flatMap((agent, index) => {
      const plan = plans[index];
      if (plan === undefined) return [];
      const link = new AgentLink(agent.id, agent.address, connect(agent.address));
      return [new AgentMember(agent, plan, link, nowNs() / 1e6)];
    });
  }

  /** Carries out the run. Never rejects for anything that an agent or the network does. */
  async run(): Promise<RunOutcome> {
    const { stop } = this.#options;
    this.#writeMetadata(null);
    const unsubscribe = stop.onRequest((reason) => {
      this.#onStop(reason);
    });
    let kind: RunOutcomeKind;
    try {
      kind = await this.#runPhases();
    } finally {
      unsubscribe();
      this.#watch?.stop();
      for (const { link } of this.#members) link.close();
    }
    const outcome: RunOutcome = { kind: this.#stopped ?? kind, failures: this.#failures };
    this.#writeEnd(outcome);
    return outcome;
  }

  async #runPhases(): Promise<RunOutcomeKind> {
    if (!(await this.#connect())) return 'preflight-failed';
    if (!(await this.#preflight())) return 'preflight-failed';
    const { agents, observer } = this.#options;
    observer.concurrency(
      agents,
      this.#members.map(({ plan }) => plan),
    );
    if (!(await this.#start())) return 'failed';
    const kind = await this.#runStages();
    if (kind === 'completed' || kind === 'cleanup-failed') await this.#finish();
    return kind;
  }

  /** Asks every agent who it is, all at once. */
  async #connect(): Promise<boolean> {
    const { agents, observer, version } = this.#options;
    observer.connecting(agents);
    const answers = await this.#unlessStopped(
      Promise.allSettled(this.#members.map(({ link }) => link.info(CONNECT_TIMEOUT_MS))),
    );
    if (answers === undefined) return false;
    const connected = this.#members.flatMap(({ agent }, index) => {
      const answer = answers[index];
      if (answer?.status !== 'fulfilled') {
        this.#note(agent.id, undefined, BenchError.from(answer?.reason));
        return [];
      }
      const info = answer.value;
      if (info.protocolVersion !== PROTOCOL_VERSION) {
        this.#note(agent.id, undefined, versionError(agent, info));
      } else if (info.runId !== '') {
        this.#note(agent.id, undefined, busyError(agent, info.runId));
      } else if (info.version !== version) {
        observer.warning(
          `${agent.id} runs version ${info.version}, the controller ${version}: use the same on both sides`,
        );
      }
      return [{ agent, version: info.version, hostname: info.hostname }];
    });
    observer.connected(connected);
    return this.#failures.length === 0;
  }

  /** Runs the checks of all agents' plans, all at once. */
  async #preflight(): Promise<boolean> {
    const { observer } = this.#options;
    observer.preflightStarted();
    const findings = new Map<string, PlainFinding[]>();
    for (const { id } of this.#members) findings.set(id, []);
    const checks = this.#members.map(async ({ id, link, plan }) => {
      const own = findings.get(id) ?? [];
      try {
        const { signal } = this.#cancel;
        for await (const finding of link.preflight(JSON.stringify(plan), signal)) own.push(finding);
      } catch (error) {
        const { hint } = BenchError.from(error);
        own.push({
          level: 'error',
          class: 'NET',
          check: 'agent',
          target: '',
          message: summarizeError(error),
          ...(hint === undefined ? {} : { hint }),
        });
      }
    });
    if ((await this.#unlessStopped(Promise.all(checks))) === undefined) return false;
    observer.preflightEnded(findings);
    for (const [agentId, own] of findings) {
      for (const finding of own) {
        if (finding.level === 'error') this.#note(agentId, undefined, findingError(finding));
      }
    }
    return this.#failures.length === 0;
  }

  /** Starts the run on every agent and waits until all are ready. */
  async #start(): Promise<boolean> {
    const { observer, runId, version, workload } = this.#options;
    const heartbeatIntervalMs = Math.min(
      ...workload.stages.map(({ barrier }) => barrier.heartbeatIntervalMs),
    );
    const gate = this.#newGate();
    for (const member of this.#members) {
      member.heard(this.#nowMs());
      member.link.send({
        case: 'startRun',
        value: {
          $typeName: 'sai3bench.agent.v1.StartRun',
          runId,
          agentId: member.id,
          protocolVersion: PROTOCOL_VERSION,
          controllerVersion: version,
          planJson: JSON.stringify(member.plan),
          heartbeatIntervalMs: Math.round(heartbeatIntervalMs),
        },
      });
      member.link.open({
        onEvent: (event) => {
          this.#onEvent(member, event);
        },
        onClosed: (error) => {
          this.#onClosed(member, error);
        },
      });
    }
    this.#watch = this.#watchAgents();
    const result = await this.#waitForReady(gate, workload.agentReadyTimeoutMs);
    if (result.type === 'broken') return this.#giveUp(result.failures, undefined);
    observer.allReady(this.#members.length);
    const clocks = await this.#unlessStopped(
      Promise.allSettled(
        this.#members.map(({ link }) => link.measureClock(this.#options.nowNs, CONNECT_TIMEOUT_MS)),
      ),
    );
    for (const [index, clock] of (clocks ?? []).entries()) {
      const member = this.#members[index];
      if (member === undefined) continue;
      if (clock.status === 'fulfilled') member.clock = clock.value;
      else this.#memberFailed(member, BenchError.from(clock.reason));
    }
    const failed = this.#members.filter(({ failure }) => failure !== undefined);
    if (failed.length > 0) return this.#giveUp(failuresOf(failed), undefined);
    return this.#stopped === undefined;
  }

  async #waitForReady(gate: Gate, timeoutMs: number): Promise<GateResult> {
    const { observer } = this.#options;
    const deadlineMs = this.#nowMs() + timeoutMs;
    const report = (): void => {
      observer.waitingForReady(gate.arrived, this.#members.length, deadlineMs - this.#nowMs());
    };
    report();
    const reports = setInterval(report, WAIT_REPORT_MS);
    const deadline = setTimeout(() => {
      for (const id of gate.missing) gate.fail(id, notReadyError(id, timeoutMs));
    }, timeoutMs);
    const result = await gate.result;
    clearInterval(reports);
    clearTimeout(deadline);
    return result;
  }

  async #runStages(): Promise<RunOutcomeKind> {
    const { stages } = this.#options.workload;
    let measured = false;
    for (const [index, stage] of stages.entries()) {
      this.#stageIndex = index;
      const failures = await this.#runStage(stage, index);
      if (this.#stopped !== undefined) return this.#stopped;
      if (failures.size > 0) {
        if (stage.kind === 'cleanup' && measured) return 'cleanup-failed';
        return 'failed';
      }
      measured ||= stage.kind === 'execute' || stage.kind === 'prepare';
    }
    return 'completed';
  }

  /** Runs one stage on all agents up to its barrier; returns who failed. */
  async #runStage(stage: Stage, index: number): Promise<Failures> {
    const { observer, workload } = this.#options;
    const loaded = await this.#loadStage(index);
    if (loaded.type === 'broken') {
      await this.#giveUp(loaded.failures, stage.name);
      return loaded.failures;
    }
    const gate = this.#newGate(stage.kind === 'cleanup');
    const startNs = this.#beginStage(stage, index);
    const session = this.#openSession(startNs);
    if (index === 0) await this.#countDown(startNs);
    observer.stageStarted(session.view());
    const views = setInterval(() => {
      observer.stageProgress(session.view());
    }, VIEW_INTERVAL_MS);
    const result = await gate.result;
    const failures = result.type === 'broken' ? result.failures : new Map<string, BenchError>();
    // A cleanup goes on where it works: what can be removed is removed.
    const stopsAll = this.#stopped !== undefined || (failures.size > 0 && stage.kind !== 'cleanup');
    if (stopsAll) await this.#giveUp(failures, stage.name);
    clearInterval(views);
    this.#closeSession(session, failures);
    if (!stopsAll) {
      for (const [id, error] of failures) this.#reportFailure(id, stage.name, error);
      observer.detail(
        `Barrier after stage ${stage.name} is open: ${String(workload.stages.length - index - 1)} stages are left`,
      );
    }
    return failures;
  }

  async #loadStage(index: number): Promise<GateResult> {
    const gate = this.#newGate();
    this.#broadcast(() => ({
      case: 'loadStage',
      value: { $typeName: 'sai3bench.agent.v1.LoadStage', stage: index },
    }));
    return gate.result;
  }

  /** Orders all agents to begin at one instant; returns it on our clock. */
  #beginStage(stage: Stage, index: number): number {
    const { nowNs, observer, startDelayMs } = this.#options;
    const worstErrorNs = Math.max(0, ...this.#members.map(({ clock }) => clock.errorNs));
    const leadNs = index === 0 ? startDelayMs * 1e6 : 0;
    const startNs = nowNs() + Math.max(leadNs, START_LEAD_MS * 1e6 + 4 * worstErrorNs);
    this.#broadcast(({ clock }) => ({
      case: 'beginStage',
      value: {
        $typeName: 'sai3bench.agent.v1.BeginStage',
        stage: index,
        startAtMonotonicNs: BigInt(Math.round(startNs + clock.offsetNs)),
      },
    }));
    observer.detail(
      `Stage ${stage.name} begins in ${((startNs - nowNs()) / 1e6).toFixed(0)} ms on all agents (clock error at most ${(worstErrorNs / 1e6).toFixed(3)} ms)`,
    );
    return startNs;
  }

  #openSession(startNs: number): StageSession {
    const { now, nowNs, results, workload } = this.#options;
    const stage = workload.stages[this.#stageIndex];
    if (stage === undefined) throw new RangeError('there is no such stage');
    const session = new StageSession({
      stage,
      number: this.#stageIndex + 1,
      stages: workload.stages.length,
      members: this.#members,
      results,
      startedAtMs: now().getTime() + (startNs - nowNs()) / 1e6,
      elapsedMs: () => (nowNs() - startNs) / 1e6,
    });
    this.#session = session;
    return session;
  }

  #closeSession(session: StageSession, failures: Failures): void {
    const { observer } = this.#options;
    const result = session.finish(this.#partialReason(session, failures));
    this.#session = undefined;
    this.#totalOperations += result.stats.operationCount();
    this.#totalErrors += result.stats.errors();
    observer.stageEnded({
      stage: session.stage,
      view: session.view(),
      result,
      failures,
    });
  }

  #partialReason(session: StageSession, failures: Failures): string | undefined {
    if (failures.size > 0) {
      return [...failures].map(([id, error]) => `${id}: ${summarizeError(error)}`).join('; ');
    }
    if (this.#stopped !== undefined) return `the run was ${this.#stopped}`;
    const missing = [...session.tally.agents].filter(([, { summary }]) => summary === undefined);
    return missing.length === 0
      ? undefined
      : `no final report of ${missing.map(([id]) => id).join(', ')}`;
  }

  async #countDown(startNs: number): Promise<void> {
    const { nowNs, observer } = this.#options;
    for (;;) {
      const leftMs = (startNs - nowNs()) / 1e6;
      if (leftMs <= 0 || this.#stopped !== undefined || this.#anyFailure()) break;
      if (leftMs >= SHORTEST_COUNTDOWN_MS) observer.countdown(leftMs);
      const untilNext = leftMs % 1000 === 0 ? 1000 : leftMs % 1000;
      await new Promise((resolve) => setTimeout(resolve, untilNext));
    }
    if (this.#stopped === undefined && !this.#anyFailure()) observer.started();
  }

  /** Lets the agents tidy up and end the run properly. */
  async #finish(): Promise<void> {
    const active = this.#members.filter((member) => member.active);
    if (active.length === 0) return;
    const gate = new Gate(active.map(({ id }) => id));
    this.#endGate = gate;
    this.#broadcast(() => ({
      case: 'finishRun',
      value: { $typeName: 'sai3bench.agent.v1.FinishRun' },
    }));
    const timer = setTimeout(() => {
      this.#options.observer.warning(
        `no end of the run from ${gate.missing.join(', ')}; the results are complete`,
      );
      gate.break();
    }, FINISH_WAIT_MS);
    await gate.result;
    clearTimeout(timer);
  }

  /** Stops all agents because of failures, or because the user wants it; returns false. */
  async #giveUp(failures: Failures, stage: string | undefined): Promise<false> {
    for (const [id, error] of failures) this.#reportFailure(id, stage, error);
    const reason = this.#stopped ?? `${[...failures.keys()].join(', ')} failed`;
    await this.#abortAll(reason);
    return false;
  }

  #reportFailure(agentId: string, stage: string | undefined, error: BenchError): void {
    this.#note(agentId, stage, error);
    this.#options.observer.agentFailed(agentId, stage, error);
  }

  #note(agentId: string, stage: string | undefined, error: BenchError): void {
    this.#failures.push({ agentId, stage, error });
  }

  /** Tells all agents to stop, and gives them a moment to report what they have done. */
  async #abortAll(reason: string): Promise<void> {
    const active = this.#members.filter((member) => member.active);
    if (active.length === 0) return;
    this.#options.observer.aborting(reason);
    const gate = new Gate(active.map(({ id }) => id));
    this.#endGate = gate;
    for (const member of active) member.abort();
    this.#broadcast(() => ({
      case: 'abortRun',
      value: { $typeName: 'sai3bench.agent.v1.AbortRun', reason },
    }));
    const timer = setTimeout(() => {
      gate.break();
    }, ABORT_WAIT_MS);
    await gate.result;
    clearTimeout(timer);
  }

  #onStop(reason: StopReason): void {
    this.#stopped = reason;
    this.#cancel.abort();
    this.#gate?.break();
  }

  #onEvent(member: AgentMember, { event, sequence }: RunResponse): void {
    const { observer, results } = this.#options;
    member.heard(this.#nowMs());
    switch (event.case) {
      case 'ready':
        results.agent(member.id).writeMetadata({
          agent_id: member.id,
          address: member.agent.address,
          ...parseEnvironment(event.value.environmentJson),
        });
        this.#gate?.arrive(member.id);
        return;
      case 'stageLoaded':
        this.#gate?.arrive(member.id);
        return;
      case 'stageProgress':
        this.#session?.progress(member.id, progressFromWire(event.value));
        return;
      case 'stageSummary':
        this.#onSummary(member, summaryFromWire(event.value));
        member.link.send({
          case: 'acknowledge',
          value: { $typeName: 'sai3bench.agent.v1.Acknowledge', sequence },
        });
        return;
      case 'logRecord':
        observer.agentLog(member.id, logFromWire(event.value));
        return;
      case 'runFailed':
        if (event.value.error !== undefined) {
          this.#memberFailed(member, fromErrorRecord(errorFromWire(event.value.error)));
        }
        return;
      case 'runEnded':
        member.end();
        this.#endGate?.arrive(member.id);
        return;
      case 'heartbeat':
      case undefined:
        return;
    }
  }

  #onSummary(member: AgentMember, summary: ReturnType<typeof summaryFromWire>): void {
    const session = this.#session;
    if (session === undefined) return;
    if (!session.summary(member.id, summary)) {
      this.#options.observer.warning(
        `the final report of ${member.id} does not equal the sum of its intervals: the report counts`,
      );
    }
    if (summary.outcome !== 'failed') {
      this.#gate?.arrive(member.id);
      return;
    }
    const error =
      summary.failure === undefined
        ? new BenchError(`stage ${session.stage.name} failed`, {
            code: 'STAGE_FAILED',
            class: 'internal',
          })
        : fromErrorRecord(summary.failure);
    // The agent itself is well: after a failed cleanup it still takes part in the end of the run.
    if (session.stage.kind === 'cleanup') this.#gate?.fail(member.id, error);
    else this.#memberFailed(member, error);
  }

  #onClosed(member: AgentMember, error: BenchError | undefined): void {
    if (error !== undefined) this.#memberFailed(member, error);
    member.end();
    this.#endGate?.arrive(member.id);
  }

  #memberFailed(member: AgentMember, error: BenchError): void {
    if (member.ended || !member.fail(error)) return;
    this.#session?.agentGone(member.id);
    this.#gate?.fail(member.id, error);
  }

  #watchAgents(): LivenessWatch {
    return new LivenessWatch({
      members: this.#members,
      rule: () => this.#livenessRule(),
      nowMs: () => this.#nowMs(),
      onDead: (member, error) => {
        this.#memberFailed(member, error);
      },
      onSilent: (member, silentMs) => {
        this.#options.observer.warning(
          `nothing heard of ${member.id} for ${(silentMs / 1000).toFixed(1)} s: asking whether it is alive`,
        );
      },
    });
  }

  #livenessRule(): LivenessRule {
    const { stages } = this.#options.workload;
    const barrier = (stages[this.#stageIndex] ?? stages[0])?.barrier;
    return (
      barrier ?? {
        heartbeatIntervalMs: 30_000,
        missedThreshold: 3,
        queryTimeoutMs: 10_000,
        queryRetries: 2,
      }
    );
  }

  /** A gate for all agents; those that have failed already break it at once. */
  #newGate(patient = false): Gate {
    const gate = new Gate(
      this.#members.map(({ id }) => id),
      patient,
    );
    this.#gate = gate;
    for (const { failure, id } of this.#members) if (failure !== undefined) gate.fail(id, failure);
    if (this.#stopped !== undefined) gate.break();
    return gate;
  }

  #broadcast(commandFor: (member: AgentMember) => Parameters<AgentLink['send']>[0]): void {
    for (const member of this.#members) if (member.active) member.link.send(commandFor(member));
  }

  /** Waits for work, but not after the user has asked for the end: then undefined. */
  async #unlessStopped<Result>(work: Promise<Result>): Promise<Result | undefined> {
    const stopped = new Promise<undefined>((resolve) => {
      this.#options.stop.onRequest(() => {
        resolve(undefined);
      });
    });
    return Promise.race([work, stopped]);
  }

  #anyFailure(): boolean {
    return this.#members.some(({ failure }) => failure !== undefined);
  }

  #nowMs(): number {
    return this.#options.nowNs() / 1e6;
  }

  #writeMetadata(end: Date | null): void {
    const { metadata, results } = this.#options;
    const longestMs = Math.max(0, ...this.#members.map(({ stagesMs }) => stagesMs));
    results.writeMetadata({
      ...metadata,
      start_time: formatRfc3339(this.#startedAt),
      end_time: end === null ? null : formatRfc3339(end),
      duration_secs: end === null ? null : longestMs / 1000,
    });
  }

  #writeEnd(outcome: RunOutcome): void {
    const { now, results } = this.#options;
    const at = now();
    this.#writeMetadata(at);
    results.writeStatus({
      outcome: statusOf(outcome.kind),
      at,
      agents: this.#members.map((member) => member.status()),
      totalOperations: this.#totalOperations,
      totalErrors: this.#totalErrors,
      failure: {
        reasons: [
          ...(this.#stopped === undefined ? [] : [`The run was ${this.#stopped} by the user.`]),
          ...outcome.failures.map(describeFailure),
        ],
        hints: [
          ...new Set(outcome.failures.flatMap(({ error }) => error.hint ?? [])),
          'agents/*/console.log and agents/*/errors.tsv tell what each agent saw',
        ],
      },
    });
  }
}

/** An agent's record of its environment; kept as text when it is not what it should be. */
function parseEnvironment(json: string): object {
  try {
    return JSON.parse(json) as object;
  } catch {
    return { environment: json };
  }
}

/** A failure on one line: which agent, in which stage, what and why. */
function describeFailure({ agentId, error, stage }: RunFailure): string {
  const place = stage === undefined ? agentId : `${agentId} in stage ${stage}`;
  return `${place}: ${summarizeError(error)}`;
}

function statusOf(kind: RunOutcomeKind): 'SUCCESS' | 'FAILURE' | 'INTERRUPTED' {
  if (kind === 'completed') return 'SUCCESS';
  return kind === 'interrupted' || kind === 'terminated' ? 'INTERRUPTED' : 'FAILURE';
}

function failuresOf(members: readonly AgentMember[]): Failures {
  return new Map(
    members.flatMap(({ failure, id }) => (failure === undefined ? [] : [[id, failure] as const])),
  );
}

function versionError(
  agent: RosterEntry,
  info: { readonly version: string; readonly protocolVersion: number },
): BenchError {
  return new BenchError(
    `${agent.id} at ${agent.address} (version ${info.version}) speaks protocol ${String(info.protocolVersion)}, this controller speaks ${String(PROTOCOL_VERSION)}`,
    {
      code: 'AGENT_VERSION',
      class: 'config',
      endpoint: agent.address,
      hint: 'install the same version of sai3bench-ctl and sai3bench-agent',
    },
  );
}

function busyError(agent: RosterEntry, runId: string): BenchError {
  return new BenchError(`${agent.id} at ${agent.address} is busy with run ${runId}`, {
    code: 'AGENT_BUSY',
    class: 'resource',
    endpoint: agent.address,
    hint: 'wait until that run has ended, or use another agent',
  });
}

function notReadyError(agentId: string, timeoutMs: number): BenchError {
  return new BenchError(
    `${agentId} was not ready within ${String(Math.round(timeoutMs / 1000))} s`,
    {
      code: 'AGENT_NOT_READY',
      class: 'timeout',
      hint: 'see the terminal of the agent; distributed.agent_ready_timeout allows more time',
    },
  );
}

function findingError(finding: PlainFinding): BenchError {
  return new BenchError(`[${finding.class}] ${finding.message}`, {
    code: 'PREFLIGHT_FAILED',
    class: 'config',
    hint: finding.hint,
    endpoint: finding.target,
  });
}
