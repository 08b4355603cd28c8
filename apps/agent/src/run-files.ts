import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatLogLine } from '@sai3bench/terminal';
import type { LogEntry } from './agent-log.ts';

/**
 * An agent's own copy of what a run yields, in a directory that only its user may read. It is removed once the
 * controller has everything; what was never handed over stays.
 */
export class RunFiles {
  readonly path: string;

  constructor(agentId: string) {
    // mkdtemp makes directories that only the owner may enter.
    this.path = mkdtempSync(join(tmpdir(), `sai3-agent-${agentId}-`));
  }

  addLog({ level, text, unixUs }: LogEntry): void {
    appendFileSync(join(this.path, 'console.log'), `${formatLogLine(unixUs, level, text)}\n`);
  }

  /** Keeps a stage's results until {@link forgetSummary}. */
  keepSummary(sequence: number, json: string): void {
    writeFileSync(this.#summaryPath(sequence), json);
  }

  forgetSummary(sequence: number): void {
    rmSync(this.#summaryPath(sequence), { force: true });
  }

  /** Removes the directory, unless it holds results that were never handed over; returns whether it is gone. */
  remove(): boolean {
    if (readdirSync(this.path).some((name) => name.startsWith('summary-'))) return false;
    rmSync(this.path, { recursive: true, force: true });
    return true;
  }

  #summaryPath(sequence: number): string {
    return join(this.path, `summary-${String(sequence)}.json`);
  }
}
