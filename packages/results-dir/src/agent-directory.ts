import { join } from 'node:path';
import type { OperationStats } from '@sai3bench/stats';
import { printableLine } from '@sai3bench/terminal';
import {
  AppendFile,
  ensureDirectory,
  ensureThere,
  writeDurably,
  writeWhole,
} from './durable-file.ts';
import type { AgentFileLengths } from './file-lengths.ts';
import { jsonText } from './json-text.ts';
import { ERROR_COLUMNS, type ErrorRow } from './tables/error-table.ts';
import { AGENT_RESULT_COLUMNS, operationRows } from './tables/operation-table.ts';
import { PERF_COLUMNS, perfLine, type PerfRow } from './tables/perf-log.ts';
import { tsvHeader, tsvRow } from './tables/tsv.ts';

const METADATA_FILE = 'metadata.json';

/** How the directory of an agent is written. */
export interface AgentDirectoryOptions {
  /** Takes secrets out of a text. */
  readonly withoutSecrets: (text: string) => string;
  /** How much of files that are there already is kept; all of them when absent. */
  readonly keep?: AgentFileLengths | undefined;
  /** Whether it is one of many: then no file stays open, and the disk is not waited for after each of them. */
  readonly isOneOfMany: boolean;
}

/** `agents/{agent-id}/`: what one agent reported. */
export class AgentDirectory {
  readonly path: string;
  readonly #options: AgentDirectoryOptions;
  readonly #console: AppendFile;
  readonly #results: AppendFile;
  readonly #perfLog: AppendFile;
  readonly #errors: AppendFile;
  #hasMetadata = false;

  /** @throws BenchError `RESULTS_WRITE_FAILED`, as all methods that write */
  constructor(path: string, options: AgentDirectoryOptions) {
    this.path = path;
    this.#options = options;
    ensureDirectory(path);
    const { isOneOfMany, keep } = options;
    const open = (name: string, keepBytes?: number): AppendFile =>
      new AppendFile(join(path, name), keepBytes, !isOneOfMany);
    this.#console = open('console.log');
    this.#results = open('results.tsv', keep?.results);
    this.#perfLog = open('perf_log.tsv', keep?.perfLog);
    this.#errors = open('errors.tsv', keep?.errors);
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
    const text = jsonText(metadata, { isIndented: true });
    const path = join(this.path, METADATA_FILE);
    if (this.#options.isOneOfMany) writeWhole(path, text);
    else writeDurably(path, text);
    this.#hasMetadata = true;
  }

  /** Adds a line to `console.log`. */
  addConsoleLine(line: string): void {
    this.#console.append(`${printableLine(this.#options.withoutSecrets(line))}\n`);
  }

  addPerfRow(row: PerfRow): void {
    this.#perfLog.append(perfLine(row));
  }

  /** Adds the results of a stage; unless the agent is one of many, they survive a power loss when this returns. */
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
    if (!this.#options.isOneOfMany) this.#results.flush();
    if (errors.length === 0) return;
    this.#errors.append(errors.map((row) => tsvRow(ERROR_COLUMNS, this.#row(row))).join(''));
    if (!this.#options.isOneOfMany) this.#errors.flush();
  }

  /** A server may repeat what it was sent. */
  #row(row: ErrorRow): ErrorRow {
    return { ...row, message: this.#options.withoutSecrets(row.message) };
  }

  /**
   * Makes sure that all that was written is still there.
   *
   * @throws BenchError `RESULTS_WRITE_FAILED`
   */
  ensureThere(): void {
    for (const file of this.#files) file.ensureThere();
    if (this.#hasMetadata) ensureThere(join(this.path, METADATA_FILE));
  }

  get #files(): readonly AppendFile[] {
    return [this.#console, this.#results, this.#perfLog, this.#errors];
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}

/** Writes the first line of a file that has none. */
function begin(file: AppendFile, header: string): void {
  if (file.sizeBytes === 0) file.append(header);
}
