import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, systemCode } from '@sai3bench/errors';
import { AgentDirectory } from './agent-directory.ts';
import { AppendFile, ensureDirectory, ensureThere, writeDurably } from './durable-file.ts';
import type { Secret } from '@sai3bench/secret';
import { makeDirectories } from '@sai3bench/store-uri';
import type { FileLengths } from './file-lengths.ts';
import { headerText, type KeptText, KeptTexts } from './kept-texts.ts';
import type { RunMetadata } from './metadata.ts';
import { placeIn } from './place-in.ts';
import { RunJournal } from './run-journal.ts';
import { type RunStatus, statusText } from './status-file.ts';
import { PERF_COLUMNS, perfLine, type PerfRow } from './tables/perf-log.ts';
import { LEDGER_COLUMNS, type LedgerRow, withAggregate } from './tables/populate-ledger.ts';
import { type PreflightRow, preflightText } from './tables/preflight-table.ts';
import { stageFileName, stageFileText, type StageResult } from './tables/stage-file.ts';

/** Directories of one name and minute are told apart by a number, up to this one. */
const MAX_SUFFIX = 1000;

/**
 * Of more agents than this the results are written with less care for each: its own rows cover several seconds, its files do
 * not stay open, and the disk is not waited for.
 */
export const MANY_AGENTS = 100;

/** The directory in which a run leaves its results. Every file is readable at any moment of the run. */
export class ResultsDirectory {
  readonly path: string;
  readonly #console: AppendFile;
  readonly #perfLog: AppendFile;
  readonly #agents = new Map<string, AgentDirectory>();
  #hasManyAgents = false;
  /** What another controller needs to know to take the run over. */
  readonly journal: RunJournal;
  #ledger: AppendFile | undefined;
  readonly #texts = new KeptTexts();
  /** Files that were written as a whole. */
  readonly #whole = new Set<string>();

  readonly #keep: FileLengths | undefined;

  private constructor(path: string, keep?: FileLengths) {
    this.path = path;
    this.#keep = keep;
    ensureDirectory(join(path, 'agents'));
    this.#console = new AppendFile(join(path, 'console.log'));
    this.#perfLog = new AppendFile(join(path, 'perf_log.tsv'), keep?.perfLog);
    if (this.#perfLog.sizeBytes === 0) this.#perfLog.append(headerText(PERF_COLUMNS));
    this.journal = new RunJournal(path, this.#texts);
  }

  /**
   * Opens the directory of a run that goes on.
   *
   * @param keep how much of its files is certain; what goes beyond is cut off. All of them when absent.
   * @throws BenchError `RESULTS_WRITE_FAILED` when it cannot be written to
   */
  static reopen(path: string, keep?: FileLengths): ResultsDirectory {
    return new ResultsDirectory(path, keep);
  }

  /**
   * Makes `sai3-YYYYMMDD-HHMM-{testName}` below `parent`, which is made when it is missing; a name that exists
   * gets a number.
   *
   * @param now time of the start; its local date and time become part of the name
   * @throws BenchError `RESULTS_UNWRITABLE` when the directory cannot be made
   */
  static create(parent: string, testName: string, now: Date): ResultsDirectory {
    try {
      makeDirectories(parent, { mkdir: mkdirSync, stat: statSync });
      accessSync(parent, constants.W_OK | constants.X_OK);
      const base = join(parent, directoryName(testName, now));
      for (let number = 1; number <= MAX_SUFFIX; number++) {
        const path = number === 1 ? base : `${base}-${String(number)}`;
        if (makeDirectory(path)) return new ResultsDirectory(path);
      }
      throw new Error('all names are taken');
    } catch (cause) {
      throw new BenchError(`cannot make a results directory in ${parent}`, {
        code: 'RESULTS_UNWRITABLE',
        class: 'config',
        hint: 'run it in a directory that you may write to, or name one with --results-dir',
        cause,
      });
    }
  }

  /** Takes care that secrets, which nothing else shows to be some, are written nowhere from now on. */
  conceal(secrets: Iterable<Secret>): void {
    this.#texts.conceal(secrets);
  }

  /** Keeps a copy of the workload file, without secrets. */
  writeConfig(yaml: string): void {
    this.#write('config.yaml', this.#texts.text(yaml));
  }

  writeMetadata(metadata: RunMetadata): void {
    this.#write('metadata.json', this.#texts.json(metadata, { isIndented: true }));
  }

  /** Writes `preflight.tsv`: everything that the checks before the run have found. */
  writePreflight(rows: readonly PreflightRow[]): void {
    this.#write('preflight.tsv', preflightText(rows, this.#texts));
  }

  /** Adds a line to `console.log`. */
  addConsoleLine(line: string): void {
    this.#console.append(this.#texts.line(line));
  }

  addPerfRow(row: PerfRow): void {
    this.#perfLog.append(perfLine(row, this.#texts));
  }

  /** Writes `NN_{stage}_results.tsv`; it survives a power loss when this returns. */
  writeStage(result: StageResult): void {
    this.#perfLog.flush();
    const name = stageFileName(result.number, result.name);
    this.#write(name, stageFileText(result, this.#texts));
  }

  /** Adds what the agents have made in a prepare stage, and its sum, to `populate_ledger.tsv`; durable when this returns. */
  addLedger(rows: readonly LedgerRow[]): void {
    if (this.#ledger === undefined) {
      this.#ledger = new AppendFile(join(this.path, 'populate_ledger.tsv'), this.#keep?.ledger);
      if (this.#ledger.sizeBytes === 0) this.#ledger.append(headerText(LEDGER_COLUMNS));
    }
    this.#ledger.append(this.#texts.rows(LEDGER_COLUMNS, withAggregate(rows)));
    this.#ledger.flush();
  }

  writeStatus(status: RunStatus): void {
    this.#write('STATUS.txt', this.#texts.shown(statusText(status)));
  }

  /** Writes a file that survives a power loss when this returns. */
  #write(name: string, text: KeptText): void {
    const path = placeIn(this.path, name);
    writeDurably(path, text);
    this.#whole.add(path);
  }

  /**
   * Makes sure that all that was written is still there: files that are open can be written to long after they were removed.
   *
   * @throws BenchError `RESULTS_WRITE_FAILED` when somebody has removed, moved or replaced any of it
   */
  ensureThere(): void {
    for (const file of [this.#console, this.#perfLog, this.#ledger]) file?.ensureThere();
    for (const path of this.#whole) ensureThere(path);
    for (const agent of this.#agents.values()) agent.ensureThere();
  }

  /** Notes how many agents a run has, before any of them has a directory. */
  expectAgents(count: number): void {
    this.#hasManyAgents = count > MANY_AGENTS;
  }

  /**
   * The directory of an agent, made on first use.
   *
   * @throws BenchError `RESULTS_NAME` for an id that would lead elsewhere
   */
  agent(agentId: string): AgentDirectory {
    let directory = this.#agents.get(agentId);
    if (directory === undefined) {
      directory = new AgentDirectory(placeIn(join(this.path, 'agents'), agentId), {
        texts: this.#texts,
        keep: this.#keep?.agents[agentId],
        isOneOfMany: this.#hasManyAgents,
      });
      this.#agents.set(agentId, directory);
    }
    return directory;
  }

  /** How long the files are that the run adds to. */
  get lengths(): FileLengths {
    return {
      perfLog: this.#perfLog.sizeBytes,
      ledger: this.#ledger?.sizeBytes ?? this.#keep?.ledger ?? 0,
      agents: {
        ...this.#keep?.agents,
        ...Object.fromEntries([...this.#agents].map(([id, { lengths }]) => [id, lengths])),
      },
    };
  }

  close(): void {
    this.journal.close();
    this.#console.close();
    this.#perfLog.close();
    this.#ledger?.close();
    for (const agent of this.#agents.values()) agent.close();
  }
}

/**
 * Writes findings of checks to a file as in `preflight.tsv`, without secrets.
 *
 * @param secrets what is taken out besides all that looks like a secret
 * @throws BenchError `RESULTS_WRITE_FAILED`
 */
export function writePreflightFile(
  path: string,
  rows: readonly PreflightRow[],
  secrets: readonly Secret[] = [],
): void {
  writeDurably(path, preflightText(rows, new KeptTexts(secrets)));
}

/** Makes a directory that did not exist; false when it did. */
function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function directoryName(testName: string, now: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${String(now.getFullYear())}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `sai3-${day}-${two(now.getHours())}${two(now.getMinutes())}-${testName}`;
}
