import type { RunRequest, RunState } from '@sai3bench/barrier-protocol';
import { formatDurationMs } from '@sai3bench/units';
import type { AgentLog, LogEntry } from '../console/agent-log.ts';
import { ControllerLink, type ControllerLinkOptions } from './controller-link.ts';
import type { EventStream } from './event-stream.ts';
import { AcknowledgedProgress } from './progress-sum.ts';
import { attachedMessage, type CommandOf, endedMessage, type RunMessage } from './run-messages.ts';
import { RunResults } from './run-results.ts';

/** What a link of a run needs to know. */
export interface SessionLinkOptions extends Pick<ControllerLinkOptions, 'silenceLimitMs'> {
  readonly start: CommandOf<'startRun'>;
  readonly log: AgentLog;
  /** Whether the run is over: then it does not matter that a link is lost. */
  readonly isOver: () => boolean;
  /** Called once, when the run has been without a controller for too long. */
  readonly onGraceOver: (awayMs: number) => void;
}

/** What a run and its controllers say to each other, and what of it is kept until a controller has it. */
export class SessionLink {
  readonly #options: SessionLinkOptions;
  readonly #link: ControllerLink;
  readonly #results: RunResults;
  readonly #acknowledged = new AcknowledgedProgress();
  #controllerId: string;

  constructor(options: SessionLinkOptions) {
    const { log, onGraceOver, silenceLimitMs, start } = options;
    this.#options = options;
    this.#controllerId = start.controllerId;
    this.#results = new RunResults(log);
    this.#link = new ControllerLink({
      ...{ silenceLimitMs, onGraceOver },
      heartbeatIntervalMs: start.heartbeatIntervalMs,
      graceMs: start.reconnectGraceMs,
      onLost: (reason) => {
        this.#lost(reason);
      },
      onAway: (awayMs) => {
        const leftMs = start.reconnectGraceMs - awayMs;
        log.warn(
          `Without the controller for ${formatDurationMs(awayMs)}: going on for another ${formatDurationMs(leftMs)}`,
          { toldOtherwise: true },
        );
      },
    });
  }

  get status(): Pick<ControllerLink, 'isConnected' | 'silentMs' | 'unacknowledged'> {
    return this.#link;
  }

  /**
   * Opens the first stream of events to the controller. It ends with the run.
   *
   * @param command number of the command that started the run
   */
  open(command: number): EventStream {
    this.#link.takes(command);
    this.#results.linkOpened();
    return this.#link.open(0);
  }

  /** Whether another controller than this one drives the run at the moment. */
  isHeldByOther(controllerId: string): boolean {
    return this.#link.isConnected && this.#controllerId !== controllerId;
  }

  /**
   * Opens a further stream, which takes the place of the one before.
   *
   * @param stage position of the current stage
   */
  attach(attach: CommandOf<'attachRun'>, state: RunState, stage: number): EventStream {
    const { controllerId, lastSequence, takesOver } = attach;
    const awayMs = this.#link.silentMs;
    this.#controllerId = controllerId;
    // What a controller that takes over does not ask for, it has.
    if (takesOver) this.#acknowledge(Number(lastSequence));
    const sum = takesOver ? this.#acknowledged.of(stage) : undefined;
    const stream = this.#link.open(Number(lastSequence), attachedMessage(state, stage, sum));
    this.#results.linkOpened();
    if (this.#link.isFinished) void this.#finishLate(stream);
    const who = takesOver ? 'Another controller has taken over' : 'The controller is back';
    this.#options.log.info(`${who} after ${formatDurationMs(awayMs)}`);
    return stream;
  }

  /** Notes that a stream has ended, though the run may go on. */
  streamEnded(stream: EventStream, reason: string): void {
    this.#link.lost(stream, reason);
  }

  /** Notes a command; returns whether it is to be carried out, as it is not when it came before. */
  takes({ command, sequence }: RunRequest): boolean {
    this.#link.heard();
    if (!this.#link.takes(Number(sequence))) return false;
    if (command.case === 'acknowledge') this.#acknowledge(Number(command.value.sequence));
    return true;
  }

  send(message: RunMessage): void {
    this.#link.send(this.#options.log.secrets.maskMessage(message));
  }

  /** Sends the results of a stage, which are kept on this host until the controller has them. */
  sendSummary(message: RunMessage): void {
    this.#results.sent(this.#link.send(this.#options.log.secrets.maskMessage(message)));
  }

  /**
   * Begins to keep a copy of what the run yields.
   *
   * @param parent where its directory is made
   * @returns the directory; undefined when none could be made
   */
  openCopy(parent: string, agentId: string): string | undefined {
    return this.#results.openCopy(parent, agentId);
  }

  addLog(entry: LogEntry): void {
    this.#results.addLog(entry);
  }

  /** Expects nothing of the controller any more, but gives it a moment to say that it has the results. */
  async settle(): Promise<void> {
    this.#link.stopWatching();
    await this.#results.settle();
  }

  /**
   * Says that the run has ended, and nothing after that.
   *
   * @param reason why the controller has ended it before its time; empty otherwise
   */
  end(reason: string): void {
    this.send(endedMessage(reason));
    this.#link.finish();
    this.#results.leave();
  }

  /** Ends a stream of a run that is over, but not before the controller could say that it has the results. */
  async #finishLate(stream: EventStream): Promise<void> {
    await this.#results.settle();
    stream.finish();
  }

  #acknowledge(sequence: number): void {
    for (const { event } of this.#link.acknowledge(sequence)) this.#acknowledged.add(event);
    this.#results.acknowledge(sequence);
  }

  #lost(reason: string): void {
    const { isOver, log, start } = this.#options;
    this.#results.linkLost();
    if (isOver()) return;
    log.warn(
      `The link to the controller is lost (${reason}): going on, and waiting up to ${formatDurationMs(start.reconnectGraceMs)} for it`,
      { toldOtherwise: true },
    );
  }
}
