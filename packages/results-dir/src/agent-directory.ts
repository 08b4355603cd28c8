import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationStats } from '@sai3bench/stats';
import { AppendFile, writeDurably } from './durable-file.ts';
import type { AgentFileLengths } from './file-lengths.ts';
import { ERROR_COLUMNS, type ErrorRow } from './tables/error-table.ts';
import { AGENT_RESULT_COLUMNS, operationRows } from './tables/operation-table.ts';
import { PERF_COLUMNS, perfLine, type PerfRow } from './tables/perf-log.ts';
import { tsvHeader, tsvRow } from './tables/tsv.ts';

/** `agents/{agent-id}/`: what one agent reported. */
export class AgentDirectory {
  readonly path: string;
  readonly #withoutSecrets: (text: string) => string;
  readonly #console: AppendFile;
  readonly #results: AppendFile;
  readonly #perfLog: AppendFile;
  readonly #errors: AppendFile;

  /**
   * @param withoutSecrets takes secrets out of a text
   * @param keep how much of files that are there already is kept; all of them when absent
   */
  constructor(path: string, withoutSecrets: (text: string) => string, keep?: AgentFileLengths) {
    this.path = path;
    this.#withoutSecrets = withoutSecrets;
    mkdirSync(path, { recursive: true });
    this.#console = new AppendFile(join(path, 'console.log'));
    this.#results = new AppendFile(join(path, 'results.tsv'), keep?.results);
    this.#perfLog = new AppendFile(join(path, 'perf_log.tsv'), keep?.perfLog);
    this.#errors = new AppendFile(join(path, 'errors.tsv'), keep?.errors);
    begin(this.#results, tsvHeader(AGENT_RESULT_COLUMNS));
    begin(this.#perfLog, tsvHeader(PERF_COLUMNS));
    begin(this.#errors, tsvHeader(ERROR_COLUMNS));
  }

  /** How long its files are. */
  get lengths(): AgentFileLengths {
    return {
      results: this.#results.sizeBytes,
      perfLog: this.#perfLog.sizeBytes,
      errors: this.#errors.sizeBytes,
    };
  }

  /** Writes `metadata.json`: the environment of the agent. */
  writeMetadata(metadata: object): void {
    writeDurably(join(this.path, 'metadata.json'), `${JSON.stringify(metadata, null, 2)}\n`);
  }

  /** Adds a line to `console.log`. */
  addConsoleLine(line: string): void {
    this.#console.append(`${this.#withoutSecrets(line)}\n`);
  }

  addPerfRow(row: PerfRow): void {
    this.#perfLog.append(perfLine(row));
  }

  /** Adds the results of a stage; they survive a power loss when this returns. */
  addStage(
    stage: string,
    stats: OperationStats,
    wallMs: number,
    errors: readonly ErrorRow[],
  ): void {
    const rows = operationRows(stats, wallMs);
    this.#results.append(
      rows.map((row) => tsvRow(AGENT_RESULT_COLUMNS, { ...row, stage })).join(''),
    );
    this.#results.flush();
    if (errors.length === 0) return;
    this.#errors.append(errors.map((row) => tsvRow(ERROR_COLUMNS, this.#row(row))).join(''));
    this.#errors.flush();
  }

  /** A server may repeat what it was sent. */
  #row(row: ErrorRow): ErrorRow {
    return { ...row, message: this.#withoutSecrets(row.message) };
  }

  close(): void {
    for (const file of [this.#console, this.#results, this.#perfLog, this.#errors]) file.close();
  }
}

/** Writes the first line of a file that has none. */
function begin(file: AppendFile, header: string): void {
  if (file.sizeBytes === 0) file.append(header);
}
