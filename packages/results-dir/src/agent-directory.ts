import { join } from 'node:path';
import type { OperationStats } from '@sai3bench/stats';
import {
  AppendFile,
  ensureDirectory,
  ensureThere,
  writeDurably,
  writeWhole,
} from './durable-file.ts';
import type { AgentFileLengths } from './file-lengths.ts';
import { headerText, type KeptText, type KeptTexts } from './kept-texts.ts';
import { ERROR_COLUMNS, type ErrorRow } from './tables/error-table.ts';
import { AGENT_RESULT_COLUMNS, operationRows } from './tables/operation-table.ts';
import { PERF_COLUMNS, perfLine, type PerfRow } from './tables/perf-log.ts';

const METADATA_FILE = 'metadata.json';

/** How the directory of an agent is written. */
export interface AgentDirectoryOptions {
  /** Where what is written passes. */
  readonly texts: KeptTexts;
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
    begin(this.#results, headerText(AGENT_RESULT_COLUMNS));
    begin(this.#perfLog, headerText(PERF_COLUMNS));
    begin(this.#errors, headerText(ERROR_COLUMNS));
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
    const text = this.#options.texts.json(metadata, { isIndented: true });
    const path = join(this.path, METADATA_FILE);
    if (this.#options.isOneOfMany) writeWhole(path, text);
    else writeDurably(path, text);
    this.#hasMetadata = true;
  }

  /** Adds a line to `console.log`. */
  addConsoleLine(line: string): void {
    this.#console.append(this.#options.texts.line(line));
  }

  addPerfRow(row: PerfRow): void {
    this.#perfLog.append(perfLine(row, this.#options.texts));
  }

  /** Adds the results of a stage; unless the agent is one of many, they survive a power loss when this returns. */
  addStage(
    stage: string,
    stats: OperationStats,
    wallMs: number,
    errors: readonly ErrorRow[],
  ): void {
    const { texts } = this.#options;
    const rows = operationRows(stats, wallMs).map((row) => ({ ...row, stage }));
    this.#results.append(texts.rows(AGENT_RESULT_COLUMNS, rows));
    if (!this.#options.isOneOfMany) this.#results.flush();
    if (errors.length === 0) return;
    this.#errors.append(texts.rows(ERROR_COLUMNS, errors));
    if (!this.#options.isOneOfMany) this.#errors.flush();
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
function begin(file: AppendFile, header: KeptText): void {
  if (file.sizeBytes === 0) file.append(header);
}
