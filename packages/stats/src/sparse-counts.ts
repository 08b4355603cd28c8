import { BenchError } from '@sai3bench/errors';
import { BUCKET_COUNT } from './latency-buckets.ts';

/**
 * Sparse histogram counts on the wire: for each bucket that is not empty, in ascending order, the gap
 * to the bucket before it (the first counts from -1) and its count, both as LEB128 varints.
 *
 *   buckets 3:5, 4:1, 200:7   ->   4 5 | 1 1 | 196 1 7
 *
 * A second of typical latencies takes 0.7 to 1.7 kB, and adding it costs 1 to 4 us.
 */
export class SparseCountsWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #previousBucket = -1;
  /** Where the lists that are ended end. */
  #ends: number[] = [];

  /** Appends one bucket. Buckets come in ascending order; `count` is a whole number above 0. */
  push(bucket: number, count: number): void {
    if (this.#length + 16 > this.#bytes.length) this.#grow();
    this.#writeVarint(bucket - this.#previousBucket);
    this.#writeVarint(count);
    this.#previousBucket = bucket;
  }

  /**
   * Appends the buckets of a page that are not empty.
   *
   * @param counts of neighbouring buckets
   * @param first the bucket of the first of them
   */
  pushAll(counts: Float64Array, first: number): void {
    for (let slot = 0; slot < counts.length; slot++) {
      const count = counts[slot] ?? 0;
      if (count === 0) continue;
      const gap = first + slot - this.#previousBucket;
      if (gap < 128 && count < 128 && this.#length + 2 <= this.#bytes.length) {
        // Nearly all of them.
        this.#bytes[this.#length++] = gap;
        this.#bytes[this.#length++] = count;
        this.#previousBucket = first + slot;
      } else this.push(first + slot, count);
    }
  }

  /** The encoded list as a copy of its own; the writer starts over. */
  take(): Uint8Array {
    const encoded = this.#bytes.slice(0, this.#length);
    this.#startOver();
    return encoded;
  }

  /** Ends a list: what comes next belongs to another. */
  endList(): void {
    this.#ends.push(this.#length);
    this.#previousBucket = -1;
  }

  /** The lists that were ended, which share a copy: one for each costs more than what is in it. The writer starts over. */
  takeLists(): Uint8Array[] {
    const encoded = this.#bytes.slice(0, this.#length);
    const lists = this.#ends.map((end, index) => encoded.subarray(this.#ends[index - 1] ?? 0, end));
    this.#startOver();
    return lists;
  }

  #startOver(): void {
    this.#length = 0;
    this.#previousBucket = -1;
    this.#ends = [];
  }

  #writeVarint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads encoded lists into memory that is used again. */
export class SparseCountsReader {
  /** Buckets of the lists that were read last, one list behind the other, each in ascending order, and their counts. */
  buckets = new Int32Array(BUCKET_COUNT);
  counts = new Float64Array(BUCKET_COUNT);

  /**
   * Reads some lists, instead of those before.
   *
   * @returns for each where its buckets end, the first of the next list
   * @throws BenchError `STATS_MALFORMED` when the bytes of one are not such a list
   */
  read(lists: readonly Uint8Array[]): number[] {
    let length = 0;
    return lists.map((encoded) => {
      length = this.#append(encoded, length);
      return length;
    });
  }

  #append(encoded: Uint8Array, begin: number): number {
    this.#makeRoom(begin + encoded.length);
    const { buckets, counts } = this;
    const end = encoded.length;
    let length = begin;
    let offset = 0;
    let bucket = -1;
    // Most numbers take one byte. This runs thousands of times for each report of an agent: a call for each would cost half of it.
    while (offset < end) {
      let gap = encoded[offset++] ?? 0;
      if (gap >= 128) {
        let factor = 128;
        let byte = 128;
        for (gap -= 128; byte >= 128; factor *= 128) {
          if (offset >= end || factor > 2 ** 49) throw malformed();
          byte = encoded[offset++] ?? 0;
          gap += (byte & 127) * factor;
        }
      }
      if (offset >= end) throw malformed();
      let count = encoded[offset++] ?? 0;
      if (count >= 128) {
        let factor = 128;
        let byte = 128;
        for (count -= 128; byte >= 128; factor *= 128) {
          if (offset >= end || factor > 2 ** 49) throw malformed();
          byte = encoded[offset++] ?? 0;
          count += (byte & 127) * factor;
        }
      }
      bucket += gap;
      if (gap === 0 || count === 0 || bucket >= BUCKET_COUNT) throw malformed();
      buckets[length] = bucket;
      counts[length++] = count;
    }
    return length;
  }

  /** For at least so many buckets: none takes less than two bytes. */
  #makeRoom(bytes: number): void {
    if (bytes <= this.buckets.length) return;
    const buckets = new Int32Array(bytes * 2);
    const counts = new Float64Array(bytes * 2);
    buckets.set(this.buckets);
    counts.set(this.counts);
    this.buckets = buckets;
    this.counts = counts;
  }
}

/** For statistics that cannot be what a program of the same version has sent. */
export function malformed(what = 'a histogram that is not well-formed'): BenchError {
  return new BenchError(`received ${what}`, {
    code: 'STATS_MALFORMED',
    class: 'internal',
    hint: 'check that controller and agents are of the same version',
  });
}
