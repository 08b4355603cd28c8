import type { PlainFinding, PlainLogRecord } from '@sai3bench/barrier-protocol';
import type {
  BarrierWait,
  ConnectedAgent,
  EndedStage,
  ObjectsFound,
  RosterEntry,
  RunObserver,
  StageView,
  StageWait,
  WorkProgress,
} from '@sai3bench/coordinator';
import { type BenchError, formatError } from '@sai3bench/errors';
import { formatLogLine, Pace, printableLine } from '@sai3bench/terminal';
import { formatCount, formatDurationMs } from '@sai3bench/units';
import type { AgentPlan, Workload } from '@sai3bench/workload-config';
import { AgentWarnings } from './agent-warnings.ts';
import type { Console } from './console.ts';
import {
  overriddenOf,
  plural,
  renderAgents,
  renderConcurrency,
  SHOWN_AGENTS,
} from './render-plan.ts';
import { renderTroubled } from './render-endpoints.ts';
import { type AgentAddresses, addressesOfAgents } from './finding-groups.ts';
import { renderPreflight } from './render-preflight.ts';
import { renderBar } from './render-bar.ts';
import { renderLive, renderProgress, renderStageEnd, renderStageTitle } from './render-stage.ts';
import { type StageWork, workOf } from './stage-work.ts';
import { renderBarrierWait, renderStageWait } from './render-stage-wait.ts';

/** Without a terminal, progress is printed this often. */
const PLAIN_PROGRESS_MS = 10_000;

/** Shows a run on the console. */
export class ConsoleObserver implements RunObserver {
  readonly #console: Console;
  readonly #workload: Workload;
  readonly #keepAgentLine: (agentId: string, line: string) => void;
  readonly #agentWarnings: AgentWarnings;
  #addresses: AgentAddresses = new Map();
  /** Of the stage that runs, and what it was last at. */
  #pace = new Pace();
  #work: StageWork['what'] = 'objects';
  #plainAtMs = 0;
  #countdownShown = false;
  /** The stage that was last said to be waited for. */
  #waitedFor = '';
  /** What is done beside, or after, the operations of a stage; none before it is. */
  #besides: string[] = [];
  #stageRuns = false;
  /** When that was told last, or began. */
  #besidesAtMs = 0;
  readonly #nowMs: () => number;
  readonly #onReady: () => void;

  /**
   * @param keepAgentLine keeps a line of an agent's log
   * @param nowMs is a clock that only runs forward
   * @param onReady is called when the agents are ready for the first stage
   */
  constructor(
    console: Console,
    workload: Workload,
    keepAgentLine: (agentId: string, line: string) => void,
    nowMs: () => number,
    onReady: () => void = () => undefined,
  ) {
    this.#console = console;
    this.#workload = workload;
    this.#keepAgentLine = keepAgentLine;
    this.#nowMs = nowMs;
    this.#onReady = onReady;
    this.#agentWarnings = new AgentWarnings(nowMs);
  }

  connecting(agents: readonly RosterEntry[]): void {
    this.#addresses = addressesOfAgents(agents);
    this.#console.line();
    this.#console.line(`Connecting to ${plural(agents.length, 'agent')}...`);
  }

  connected(agents: readonly ConnectedAgent[]): void {
    const isOneOfMany = agents.length > SHOWN_AGENTS;
    const lines = renderAgents(
      agents.map(({ agent, hostname, version }) => ({
        name: `${agent.id} (${agent.address})`,
        text: `version ${version}${isOneOfMany ? '' : ` on ${hostname}`}`,
      })),
    );
    for (const line of lines) this.#console.line(`  ✓ ${line}`);
  }

  preflightStarted(): void {
    this.#console.line();
    this.#console.line('Pre-flight Validation');
  }

  preflightEnded(findings: ReadonlyMap<string, readonly PlainFinding[]>): void {
    this.#console.lines(renderPreflight(findings, this.#addresses));
  }

  concurrency(agents: readonly RosterEntry[], plans: readonly AgentPlan[]): void {
    this.#console.line();
    this.#console.lines(renderConcurrency(plans, overriddenOf(agents)));
  }

  waitingForReady(ready: number, agents: number, msLeft: number): void {
    const text = `  ${String(ready)}/${String(agents)} agents ready, ${String(agents - ready)} remaining (${formatSeconds(msLeft)} left)`;
    if (ready > 0 || this.#countdownShown) {
      this.#console.terminal.show([text]);
      return;
    }
    this.#countdownShown = true;
    this.#console.line();
    this.#console.line(
      `Sending the workload to ${plural(agents, 'agent')}, waiting until all are ready...`,
    );
    this.#console.line(text);
  }

  allReady(agents: number): void {
    this.#onReady();
    this.#console.terminal.clear();
    this.#console.line(
      agents === 1 ? '✓ The agent is ready' : `✓ All ${plural(agents, 'agent')} ready`,
    );
    const barrier = this.#workload.stages[0]?.barrier;
    if (barrier === undefined) return;
    this.#console.line(
      `Barrier after each stage: ${barrier.type} (heartbeat: ${formatDurationMs(barrier.heartbeatIntervalMs)}, threshold: ${String(barrier.missedThreshold)})`,
    );
  }

  waitingForStage(wait: StageWait): void {
    const text = renderStageWait(wait);
    if (this.#console.terminal.isTTY) this.#console.terminal.show([text]);
    else if (this.#waitedFor !== wait.stage || wait.elapsedMs >= this.#plainAtMs) {
      this.#plainAtMs = wait.elapsedMs + PLAIN_PROGRESS_MS;
      this.#console.line(text);
    }
    this.#waitedFor = wait.stage;
  }

  objectsFound({ existing, missing }: ObjectsFound): void {
    this.#console.terminal.clear();
    if (existing === 0) return;
    const total = formatCount(existing + missing);
    this.#console.line(
      `resuming: ${formatCount(existing)} of ${total} exist, ${formatCount(missing)} to create`,
    );
  }

  countdown(msLeft: number): void {
    const text = `Starting in ${String(Math.ceil(msLeft / 1000))}s...`;
    if (this.#console.terminal.isTTY) this.#console.terminal.show([text]);
    else this.#console.line(text);
  }

  started(): void {
    this.#console.terminal.clear();
    this.#console.line('✓ Starting now, all agents at the same instant');
  }

  stageStarted(view: StageView): void {
    this.#stageRuns = true;
    this.#plainAtMs = PLAIN_PROGRESS_MS;
    this.#pace = new Pace();
    this.#console.line();
    this.#console.line(renderStageTitle(view));
    this.stageProgress(view);
  }

  stageProgress(view: StageView): void {
    if (view.stage.kind === 'validation') return;
    const { done, what } = workOf(view);
    if (what !== this.#work) this.#pace = new Pace(view.elapsedMs);
    this.#work = what;
    this.#pace.add(view.elapsedMs, done);
    if (this.#console.terminal.isTTY) {
      this.#console.terminal.show([...renderLive(view, this.#pace), ...this.#besides]);
    } else if (view.elapsedMs >= this.#plainAtMs) {
      this.#plainAtMs += PLAIN_PROGRESS_MS;
      this.#console.lines(renderProgress(view, this.#pace));
      this.#console.lines(renderTroubled(view.endpoints, view.latestMs));
    }
  }

  stageEnded(ended: EndedStage): void {
    const { result } = ended;
    this.#stageRuns = false;
    this.#besides = [];
    this.#console.terminal.clear();
    if (result.kind !== 'validation') this.#console.line(renderBar(ended.view));
    this.#console.lines(renderStageEnd(ended));
    this.#console.lines(this.#agentWarnings.rest());
  }

  tidyingUp({ done, total, what }: WorkProgress): void {
    const text = `Tidying up, ${what}: ${formatCount(done)} of ${formatCount(total)}`;
    if (this.#besides.length === 0) this.#besidesAtMs = this.#nowMs();
    this.#besides = [text];
    if (this.#console.terminal.isTTY) {
      // A stage that is running shows it with its next view.
      if (!this.#stageRuns) this.#console.terminal.show(this.#besides);
    } else if (this.#nowMs() - this.#besidesAtMs >= PLAIN_PROGRESS_MS) {
      this.#besidesAtMs = this.#nowMs();
      this.#console.line(text);
    }
  }

  settling(durationMs: number): void {
    this.#console.line(`Waiting ${formatDurationMs(durationMs)} after prepare`);
  }

  failed(agentId: string, stage: string | undefined, error: BenchError): void {
    // What a check found stands with the checks.
    if (error.code === 'PREFLIGHT_FAILED') return;
    this.#console.terminal.clear();
    const where = stage === undefined ? '' : ` in stage ${stage}`;
    this.#console.line(`✗ ${agentId} failed${where}: ${formatError(error)}`);
  }

  agentBack(agentId: string, awayMs: number): void {
    this.#console.line(`✓ ${agentId} is back after ${formatDurationMs(awayMs)}: nothing was lost`);
  }

  waitingAtBarrier(wait: BarrierWait): void {
    this.#console.line(renderBarrierWait(wait));
  }

  aborting(reason: string): void {
    this.#console.terminal.clear();
    this.#console.line(`⚠ Stopping all agents: ${reason}`);
  }

  /** Call it once, when nothing more can happen. */
  ended(): void {
    this.#console.terminal.clear();
    this.#console.lines(this.#agentWarnings.rest());
  }

  agentLog(agentId: string, record: PlainLogRecord): void {
    const level = record.level === 'debug' ? 'info' : record.level;
    this.#keepAgentLine(agentId, formatLogLine(record.unixUs, level, record.text));
    if (record.toldOtherwise || (level !== 'warn' && level !== 'error')) return;
    const line = this.#agentWarnings.take(agentId, printableLine(record.text));
    if (line !== undefined) this.#console.line(line);
  }

  detail(text: string): void {
    this.#console.detail('info', text);
  }

  warning(text: string): void {
    this.#console.line(`⚠ ${text}`);
  }
}

function formatSeconds(ms: number): string {
  return `${String(Math.max(0, Math.round(ms / 1000)))}s`;
}
