import { addGetChecks, type GetChecks, NO_GET_CHECKS } from './get-checks.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { LatencyStats, type LatencySummary, summarize } from './latency-stats.ts';
import { OperationCounters } from './operation-counters.ts';
import {
  type Operation,
  type OperationClass,
  operationClass,
  operationIndex,
  OPERATIONS,
} from './operation.ts';
import { SLOTS, slotOf } from './recorder-layout.ts';
import { malformed, SparseCountsReader, SparseCountsWriter } from './sparse-counts.ts';
import type { OperationTimes, SlotDelta, StatsDelta } from './stats-delta.ts';

/** For one delta after the other. */
const READER = new SparseCountsReader();
const WRITER = new SparseCountsWriter();

const NO_TIMES: OperationTimes = { connectNs: 0, retryNs: 0, generateNs: 0, generateApartNs: 0 };

function writeList(histogram: LatencyHistogram): void {
  histogram.writeTo(WRITER);
  WRITER.endList();
}

/** Successful operations of one kind and size. */
interface FilledSlot {
  readonly operation: Operation;
  readonly sizeBucket: number;
  readonly stats: LatencyStats;
}

/** @throws BenchError `STATS_MALFORMED` when there is no such slot */
function slotIndexOf({ operation, sizeBucket }: SlotDelta): number {
  const index = slotOf(operationIndex(operation), sizeBucket);
  const kind = SLOTS[index];
  if (kind?.operation === operation && kind.sizeBucket === sizeBucket) return index;
  throw malformed(`statistics of ${operation} with the size bucket ${String(sizeBucket)}`);
}

/**
 * The statistics of a span of work: an interval, a stage, an agent, all agents. Made of
 * {@link StatsDelta}s by adding them; every number that is shown is computed from merged counts, and no
 * percentile is ever averaged.
 */
export class OperationStats {
  readonly #slots: (LatencyStats | undefined)[] = new Array<LatencyStats | undefined>(SLOTS.length);
  readonly #operations = new Map<Operation, OperationCounters>();
  #clamped = 0;
  #getChecks = NO_GET_CHECKS;

  /** Forgets everything, but keeps the memory for what is added next: new memory costs more than adding to it. */
  reset(): void {
    for (const stats of this.#slots) {
      if (stats === undefined) continue;
      stats.operations = 0;
      stats.bytes = 0;
      stats.latencySumNs = 0;
      stats.latency.reset();
    }
    for (const counters of this.#operations.values()) counters.reset();
    this.#clamped = 0;
    this.#getChecks = NO_GET_CHECKS;
  }

  /** Latencies outside the range of the histograms, counted at its edge. */
  get clamped(): number {
    return this.#clamped;
  }

  /** How far what GETs returned was compared with what had been written. */
  get getChecks(): GetChecks {
    return this.#getChecks;
  }

  /**
   * Adds what a delta holds: all of it, or nothing.
   *
   * @throws BenchError `STATS_MALFORMED` when one of its histograms is not well-formed, or a size bucket does not exist
   */
  add(delta: StatsDelta): void {
    const { operations, slots } = delta;
    const indexes = slots.map(slotIndexOf);
    const ends = READER.read([
      ...slots.map(({ latency }) => latency),
      ...operations.flatMap(({ firstByte, response }) => [firstByte, response]),
    ]);
    let list = 0;
    const addNext = (histogram: LatencyHistogram): void => {
      histogram.addDecoded(READER, ends[list - 1] ?? 0, ends[list] ?? 0);
      list++;
    };
    for (const [position, slot] of slots.entries()) {
      const stats = (this.#slots[indexes[position] ?? 0] ??= new LatencyStats());
      stats.operations += slot.operations;
      stats.bytes += slot.bytes;
      stats.latencySumNs += slot.latencySumNs;
      addNext(stats.latency);
    }
    for (const part of operations) {
      const counters = this.#counters(part.operation);
      counters.addCounts(part);
      addNext(counters.firstByte);
      addNext(counters.response);
    }
    this.#clamped += delta.clamped;
    this.#getChecks = addGetChecks(this.#getChecks, delta.getChecks);
  }

  /** Everything as one delta: what crosses threads and machines. */
  toDelta(): StatsDelta {
    const slots = this.#filled();
    const operations = [...this.#operations];
    for (const { stats } of slots) writeList(stats.latency);
    for (const [, { firstByte, response }] of operations) {
      writeList(firstByte);
      writeList(response);
    }
    const lists = WRITER.takeLists().values();
    const nextList = (): Uint8Array => lists.next().value ?? new Uint8Array();
    return {
      slots: slots.map(({ operation, sizeBucket, stats }) => {
        const { bytes, latencySumNs, operations } = stats;
        return { operation, sizeBucket, operations, bytes, latencySumNs, latency: nextList() };
      }),
      operations: operations.map(([operation, counters]) => ({
        operation,
        errors: counters.errors,
        cancelled: counters.cancelled,
        retries: counters.retries,
        ...counters.times,
        firstByte: nextList(),
        response: nextList(),
      })),
      clamped: this.#clamped,
      getChecks: this.#getChecks,
    };
  }

  /** Kinds and size buckets with at least one success, in table order. */
  slots(): FilledSlot[] {
    return this.#filled().filter(({ stats }) => stats.operations > 0);
  }

  /** The same and those of which only a part of a sample is here, because it was read while it was written. */
  #filled(): FilledSlot[] {
    return SLOTS.flatMap((kind, index) => {
      const stats = this.#slots[index];
      return stats === undefined || stats.isEmpty ? [] : [{ ...kind, stats }];
    });
  }

  /** Adds everything that other statistics hold. */
  addStats(other: OperationStats): void {
    for (const [index, theirs] of other.#slots.entries()) {
      if (theirs !== undefined) (this.#slots[index] ??= new LatencyStats()).add(theirs);
    }
    for (const [operation, theirs] of other.#operations) {
      this.#counters(operation).add(theirs);
    }
    this.#clamped += other.#clamped;
    this.#getChecks = addGetChecks(this.#getChecks, other.#getChecks);
  }

  /** Number and bytes of the successful operations of a class; cheaper than {@link ofClass}. */
  countsOfClass(wanted: OperationClass): { operations: number; bytes: number } {
    let operations = 0;
    let bytes = 0;
    for (const [index, kind] of SLOTS.entries()) {
      if (operationClass(kind.operation) !== wanted) continue;
      operations += this.#slots[index]?.operations ?? 0;
      bytes += this.#slots[index]?.bytes ?? 0;
    }
    return { operations, bytes };
  }

  /** Number of successful operations; cheaper than {@link all}. */
  operationCount(): number {
    return this.#slots.reduce((sum, stats) => sum + (stats?.operations ?? 0), 0);
  }

  /** All sizes of one operation together; holds until something is added. */
  ofOperation(operation: Operation): Readonly<LatencyStats> {
    return this.#merge((kind) => kind === operation);
  }

  /** All operations of a class together: META is everything but GET and PUT. Holds until something is added. */
  ofClass(wanted: OperationClass): Readonly<LatencyStats> {
    return this.#merge((kind) => operationClass(kind) === wanted);
  }

  /** All sizes of one operation in numbers; cheaper than {@link ofOperation}. */
  summarizeOperation(operation: Operation, percentiles: readonly number[]): LatencySummary {
    return summarize(
      this.#parts((kind) => kind === operation),
      percentiles,
    );
  }

  /** All operations of a class in numbers; cheaper than {@link ofClass}. */
  summarizeClass(wanted: OperationClass, percentiles: readonly number[]): LatencySummary {
    return summarize(
      this.#parts((kind) => operationClass(kind) === wanted),
      percentiles,
    );
  }

  /** Everything together; holds until something is added. */
  all(): Readonly<LatencyStats> {
    return this.#merge(() => true);
  }

  /** Failed operations: of one kind, or of all. */
  errors(operation?: Operation): number {
    return this.#sum((counters) => counters.errors, operation);
  }

  /** Operations cut short by the end of a stage: of one kind, or of all. Never part of the errors. */
  cancelled(operation?: Operation): number {
    return this.#sum((counters) => counters.cancelled, operation);
  }

  /** Failed attempts that were followed by another: of one kind, or of all. */
  retries(operation?: Operation): number {
    return this.#sum((counters) => counters.retries, operation);
  }

  /** Time that operations of one kind took beside their latency. */
  times(operation: Operation): OperationTimes {
    return this.#operations.get(operation)?.times ?? NO_TIMES;
  }

  /**
   * The share of the time of PUTs in which their payloads were generated, from 0 to 1; 0 without PUTs. Their time is
   * that of their latencies, and of what was generated before these began.
   */
  generateShare(): number {
    const { generateApartNs, generateNs } = this.times('PUT');
    const puts = this.#parts((operation) => operation === 'PUT');
    const putNs = puts.reduce((sum, { latencySumNs }) => sum + latencySumNs, generateApartNs);
    // Latencies of failed operations are not known, but their payloads were generated as well.
    return putNs === 0 ? 0 : Math.min(1, generateNs / putNs);
  }

  /** Failed operations of a class. */
  errorsOfClass(wanted: OperationClass): number {
    return OPERATIONS.filter((operation) => operationClass(operation) === wanted).reduce(
      (sum, operation) => sum + this.errors(operation),
      0,
    );
  }

  /** Time to first byte of one operation. */
  firstByte(operation: Operation): LatencyHistogram {
    return this.#operations.get(operation)?.firstByte ?? new LatencyHistogram();
  }

  /** Response time, from the intended start, of the operations that started late. */
  response(operation: Operation): LatencyHistogram {
    return this.#operations.get(operation)?.response ?? new LatencyHistogram();
  }

  /** What there is of the operations that are wanted. */
  #parts(wanted: (operation: Operation) => boolean): LatencyStats[] {
    return this.#filled().flatMap(({ operation, stats }) => (wanted(operation) ? [stats] : []));
  }

  #merge(wanted: (operation: Operation) => boolean): Readonly<LatencyStats> {
    const parts = this.#parts(wanted);
    const [first] = parts;
    // Most workloads have one size: there is nothing to add up.
    if (first !== undefined && parts.length === 1) return first;
    const merged = new LatencyStats();
    for (const stats of parts) merged.add(stats);
    return merged;
  }

  #sum(pick: (counters: OperationCounters) => number, operation?: Operation): number {
    let sum = 0;
    for (const [kind, counters] of this.#operations) {
      if (operation === undefined || kind === operation) sum += pick(counters);
    }
    return sum;
  }

  #counters(operation: Operation): OperationCounters {
    let counters = this.#operations.get(operation);
    if (counters === undefined) {
      counters = new OperationCounters();
      this.#operations.set(operation, counters);
    }
    return counters;
  }
}
