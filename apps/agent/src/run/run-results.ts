import { toJsonString } from '@bufbuild/protobuf';
import { RunResponseSchema } from '@sai3bench/barrier-protocol';
import { formatError } from '@sai3bench/errors';
import { printableJson } from '@sai3bench/terminal';
import type { AgentLog, LogEntry } from '../console/agent-log.ts';
import { RunFiles } from '../own-files/run-files.ts';
import type { SentMessage } from './controller-link.ts';
import { Handover } from './handover.ts';

/** How long the controller may take to acknowledge the last results. */
const ACKNOWLEDGE_GRACE_MS = 300;
/** The same of a controller that comes when the run is over: nobody waits for the agent then. */
const LATE_GRACE_MS = 2_000;

/** What a run yields: kept here, in a copy of the agent's own, until the controller says that it has it. */
export class RunResults {
  readonly #log: AgentLog;
  readonly #handover = new Handover((act, afterMs) => {
    const timer = setTimeout(act, afterMs);
    return () => {
      clearTimeout(timer);
    };
  });
  #files: RunFiles | undefined;
  #left = false;

  constructor(log: AgentLog) {
    this.#log = log;
  }

  /**
   * Begins to keep a copy.
   *
   * @param parent where its directory is made
   * @returns the directory; undefined when none could be made
   */
  openCopy(parent: string, agentId: string): string | undefined {
    const files = new RunFiles(parent, agentId, (error) => {
      this.#log.warn(`⚠ ${formatError(error)}`);
    });
    this.#files = files;
    return files.path;
  }

  addLog(entry: LogEntry): void {
    this.#files?.addLog(entry);
  }

  /** Keeps the results of a stage, which are on their way to the controller. */
  sent({ response, sequence }: SentMessage): void {
    this.#handover.sent(sequence);
    const json = printableJson(toJsonString(RunResponseSchema, response));
    this.#files?.keepSummary(sequence, json);
  }

  /** Notes that the controller has everything up to a sequence number. */
  acknowledge(sequence: number): void {
    const taken = this.#handover.acknowledge(sequence);
    for (const summary of taken) this.#files?.forgetSummary(summary);
    const isLate = this.#left && taken.length > 0;
    if (isLate && this.#handover.isDone && this.#files?.remove() === true) {
      this.#log.info('The controller has taken over the rest of the results: none are kept here');
    }
  }

  /** Notes that the controller holds a stream again. */
  linkOpened(): void {
    this.#handover.linkOpened();
  }

  /** Notes that no controller holds a stream. */
  linkLost(): void {
    this.#handover.linkLost();
  }

  /** Waits for the controller to say that it has everything, but not for long. */
  async settle(): Promise<void> {
    await this.#handover.settle(this.#left ? LATE_GRACE_MS : ACKNOWLEDGE_GRACE_MS);
  }

  /** Ends with the run: removes the copy, but for results that the controller may not have. */
  leave(): void {
    this.#left = true;
    if (this.#files?.remove() === false) {
      this.#log.warn(
        `Results that the controller has not taken over are kept in ${String(this.#files.path)}`,
      );
    }
  }
}
