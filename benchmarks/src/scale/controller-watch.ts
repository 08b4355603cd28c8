import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { processUsage } from '../process-usage.ts';

const WATCH_INTERVAL_MS = 200;
const SECOND_MS = 1000;

/** What a controller used while it was watched, and how it kept up. */
export interface WatchReport {
  /** Share of one processor by second of the run, the stages alone: mean and highest of any ten seconds. */
  readonly meanCpu: number;
  readonly maxCpu: number;
  readonly maxRssBytes: number;
  /** Resident memory in the middle of the first and of the last stage. */
  readonly rssBytesByStage: ReadonlyMap<string, number>;
  /** From the end of a second to its row in `perf_log.tsv`: the longest, in ms. */
  readonly maxRowLagMs: number;
  readonly rows: number;
}

interface Sample {
  readonly atMs: number;
  readonly cpuSeconds: number;
}

/** Watches a controller and its `perf_log.tsv` while stages run. */
export class ControllerWatch {
  readonly #pid: number;
  readonly #perfLog: string;
  readonly #timer: NodeJS.Timeout;
  readonly #samples: Sample[] = [];
  readonly #rssByStage = new Map<string, number>();
  #file: number | undefined;
  #offset = 0;
  #rest = '';
  #maxRssBytes = 0;
  #maxRowLagMs = 0;
  #rows = 0;

  /** @param perfLog where the file is, or will be */
  constructor(pid: number, perfLog: string) {
    this.#pid = pid;
    this.#perfLog = perfLog;
    this.#timer = setInterval(() => {
      this.#look();
    }, WATCH_INTERVAL_MS);
  }

  stop(): WatchReport {
    clearInterval(this.#timer);
    if (this.#file !== undefined) closeSync(this.#file);
    return {
      ...this.#cpu(),
      maxRssBytes: this.#maxRssBytes,
      rssBytesByStage: this.#rssByStage,
      maxRowLagMs: this.#maxRowLagMs,
      rows: this.#rows,
    };
  }

  #look(): void {
    const { cpuSeconds, rssBytes } = processUsage(this.#pid);
    if (rssBytes === 0) return;
    this.#maxRssBytes = Math.max(this.#maxRssBytes, rssBytes);
    const nowMs = Date.now();
    for (const row of this.#newRows()) {
      this.#rows++;
      const [, timestamp = '', , stage = ''] = row.split('\t');
      this.#maxRowLagMs = Math.max(this.#maxRowLagMs, nowMs - Number(timestamp));
      this.#rssByStage.set(stage, rssBytes);
    }
    if (this.#rows > 0) this.#samples.push({ atMs: nowMs, cpuSeconds });
  }

  /** Rows that were written since the last look, without the heading. */
  #newRows(): string[] {
    try {
      this.#file ??= openSync(this.#perfLog, 'r');
    } catch {
      // It is made when the run begins.
      return [];
    }
    const bytes = Buffer.alloc(fstatSync(this.#file).size - this.#offset);
    this.#offset += readSync(this.#file, bytes, 0, bytes.length, this.#offset);
    const lines = (this.#rest + bytes.toString()).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line.startsWith('controller'));
  }

  #cpu(): { meanCpu: number; maxCpu: number } {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return { meanCpu: 0, maxCpu: 0 };
    const share = (from: Sample, to: Sample): number =>
      (to.cpuSeconds - from.cpuSeconds) / ((to.atMs - from.atMs) / SECOND_MS);
    const tenSeconds = (10 * SECOND_MS) / WATCH_INTERVAL_MS;
    const spans = this.#samples.flatMap((from, index) => {
      const to = this.#samples[index + tenSeconds];
      return to === undefined ? [] : [share(from, to)];
    });
    return { meanCpu: share(first, last), maxCpu: Math.max(0, ...spans) };
  }
}
