import { type SizeDistribution, weightedSizes, type WeightedRange } from '@sai3bench/datagen';
import { BenchError } from '@sai3bench/errors';
import { parseByteSize } from '@sai3bench/units';
import { csvFields } from './csv-fields.ts';

/** Every range is sent to every agent. */
const MAX_RANGES = 10_000;
const WEIGHTS = ['weight', 'count', 'objects'];

interface Columns {
  readonly min: number;
  readonly max: number;
  readonly weight: number;
}

/**
 * Reads lines that have a size or a range of sizes, and how many objects have it: `size,count` or `min,max,count`.
 * The first line may name the columns, which can then be in any order and among others.
 */
export class HistogramReader {
  readonly #ranges: WeightedRange[] = [];
  #columns: Columns | undefined;

  add(line: string): void {
    const fields = csvFields(line);
    if (this.#columns === undefined) {
      const named = namedColumns(fields);
      this.#columns = named ?? columnsByNumber(fields.length);
      if (named !== undefined) return;
    }
    const { max, min, weight } = this.#columns;
    const range = {
      minBytes: parseByteSize(fields[min] ?? ''),
      maxBytes: parseByteSize(fields[max] ?? ''),
      weight: parseWeight(fields[weight] ?? ''),
    };
    if (range.minBytes > range.maxBytes) {
      throw invalid('the smallest size of a range must not exceed its largest');
    }
    if (range.weight > 0) this.#ranges.push(range);
    if (this.#ranges.length > MAX_RANGES) {
      throw invalid(
        `there are more than ${String(MAX_RANGES)} ranges`,
        'use wider ones, or type: inventory, which makes its own',
      );
    }
  }

  finish(): SizeDistribution {
    return weightedSizes(this.#ranges);
  }
}

function namedColumns(fields: readonly string[]): Columns | undefined {
  const names = fields.map((field) => field.toLowerCase());
  // Numbers, with or without a unit, are no names.
  if (names.some((name) => /^\d/.test(name))) return undefined;
  const size = names.indexOf('size');
  const min = size < 0 ? names.indexOf('min') : size;
  const max = size < 0 ? names.indexOf('max') : size;
  const weight = names.findIndex((name) => WEIGHTS.includes(name));
  if (min >= 0 && max >= 0 && weight >= 0) return { min, max, weight };
  throw invalid(
    `the columns ${fields.join(', ')} do not say what sizes there are and how many objects have them`,
    'name them size,count or min,max,count',
  );
}

function columnsByNumber(fields: number): Columns {
  if (fields === 2) return { min: 0, max: 0, weight: 1 };
  if (fields === 3) return { min: 0, max: 1, weight: 2 };
  throw invalid(
    `a line has ${String(fields)} ${fields === 1 ? 'column' : 'columns'}, not two or three`,
    'write size,count or min,max,count, or name the columns in the first line',
  );
}

function parseWeight(text: string): number {
  const weight = /^\d+(\.\d+)?(e\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(weight)) return weight;
  throw invalid(`"${text}" is not a number of objects`, 'write a number of at least 0');
}

function invalid(message: string, hint?: string): BenchError {
  return new BenchError(message, { code: 'SIZES_INVALID', class: 'config', hint });
}
