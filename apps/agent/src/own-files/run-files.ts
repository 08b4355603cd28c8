import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import { formatLogLine } from '@sai3bench/terminal';
import type { LogEntry } from '../console/agent-log.ts';
import { writeOwner } from './directory-owner.ts';

/** How the names of the directories begin. */
export const DIRECTORY_PREFIX = 'sai3-agent-';
export const LOG_FILE = 'console.log';
/** Is there when the run is over, though the agent may live. */
export const ENDED_FILE = 'ended';

/** Where the programs of custom stages work. */
export const CUSTOM_DIRECTORY = 'custom';

/** Whether a name is that of a file with results that were not handed over. */
export function isSummary(name: string): boolean {
  return /^summary-\d+\.json$/.test(name);
}

/**
 * An agent's own copy of what a run yields, in a directory that only its user may read. It is removed once the
 * controller has everything; what was never handed over stays. The copy is a precaution: a run goes on without it, so
 * that nothing here ever throws.
 */
export class RunFiles {
  readonly #onTrouble: (error: BenchError) => void;
  readonly #path: string | undefined;
  #writable = true;

  /** @param onTrouble is called at most once, when no more can be written */
  constructor(parent: string, agentId: string, onTrouble: (error: BenchError) => void) {
    this.#onTrouble = onTrouble;
    this.#path = this.#attempt(parent, () => makeDirectory(parent, agentId));
  }

  /** The directory; undefined when none could be made. */
  get path(): string | undefined {
    return this.#path;
  }

  addLog({ level, text, unixUs }: Pick<LogEntry, 'level' | 'text' | 'unixUs'>): void {
    this.#write((path) => {
      appendFileSync(join(path, LOG_FILE), `${formatLogLine(unixUs, level, text)}\n`);
    });
  }

  /** Keeps a stage's results until {@link forgetSummary}. */
  keepSummary(sequence: number, json: string): void {
    this.#write((path) => {
      const file = summaryPath(path, sequence);
      try {
        writeFileSync(file, json);
      } catch (error) {
        rmSync(file, { force: true }); // A piece of the results would pass for all of them.
        throw error;
      }
    });
  }

  forgetSummary(sequence: number): void {
    const path = this.#path;
    if (path === undefined) return;
    this.#attempt(path, () => {
      rmSync(summaryPath(path, sequence), { force: true });
    });
  }

  /** Removes the directory, unless it holds results that were never handed over; returns whether none are kept. */
  remove(): boolean {
    const path = this.#path;
    if (path === undefined) return true;
    const isKept = this.#attempt(path, () => {
      const names = readdirSync(path);
      if (!names.some(isSummary)) {
        rmSync(path, { recursive: true, force: true });
        return false;
      }
      this.#write(() => {
        writeFileSync(join(path, ENDED_FILE), '');
      });
      return true;
    });
    return isKept !== true;
  }

  #write(act: (path: string) => void): void {
    const path = this.#path;
    if (path === undefined || !this.#writable) return;
    this.#attempt(path, () => {
      act(path);
    });
  }

  #attempt<Result>(place: string, act: () => Result): Result | undefined {
    try {
      return act();
    } catch (cause) {
      if (this.#writable) {
        // Before anything else: what is told about it is to be written here too.
        this.#writable = false;
        this.#onTrouble(
          new BenchError(`this agent keeps no further copy of the run in ${place}`, {
            code: 'COPY_FAILED',
            class: 'resource',
            hint: 'make room there, or set TMPDIR to another directory; the run and its results do not depend on it',
            cause,
          }),
        );
      }
      return undefined;
    }
  }
}

function makeDirectory(parent: string, agentId: string): string {
  const name = agentId.replaceAll(/[^\w.-]/g, '_');
  // mkdtemp makes directories that only the owner may enter.
  const path = mkdtempSync(join(parent, `${DIRECTORY_PREFIX}${name}-`));
  try {
    writeOwner(path);
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
  return path;
}

function summaryPath(directory: string, sequence: number): string {
  return join(directory, `summary-${String(sequence)}.json`);
}
