import { type SizeDistribution, SizeHistogram } from '@sai3bench/datagen';
import { BenchError } from '@sai3bench/errors';
import { csvFields } from './csv-fields.ts';

/**
 * Reads a list of objects, one in each line, of which one column has the size in bytes. Without being told which,
 * it takes the column that the first line calls `size`, or the only one there is. Lines without a size, such
 * as those of delete markers, are left out.
 */
export class InventoryReader {
  readonly #sizes = new SizeHistogram();
  readonly #wanted: string | number | undefined;
  #column: number | undefined;

  /** @param wanted the column with the sizes: its name in the first line, or its number from 1 */
  constructor(wanted: string | number | undefined) {
    this.#wanted = wanted;
  }

  add(line: string): void {
    const fields = csvFields(line);
    if (this.#column === undefined) {
      const named = typeof this.#wanted === 'number' ? -1 : indexOfName(fields, this.#wanted);
      this.#column = named >= 0 ? named : this.#byNumber(fields);
      if (named >= 0) return;
    }
    const text = fields[this.#column];
    if (text === undefined) {
      throw invalid(
        `there is no column ${String(this.#column + 1)}`,
        'every line needs all columns, with " around those that have commas in them',
      );
    }
    if (text === '') return;
    const sizeBytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(sizeBytes)) {
      throw invalid(`"${text}" is not a size in bytes`, 'column says which column has the sizes');
    }
    this.#sizes.add(sizeBytes);
  }

  finish(): SizeDistribution {
    return this.#sizes.toDistribution();
  }

  #byNumber(fields: readonly string[]): number {
    if (typeof this.#wanted === 'number') return this.#wanted - 1;
    if (this.#wanted === undefined && fields.length === 1) return 0;
    throw invalid(
      `none of the columns ${fields.map((field) => field.slice(0, 40)).join(', ')} is called "${this.#wanted ?? 'size'}"`,
      'write column: with its name or its number, from 1',
    );
  }
}

function indexOfName(fields: readonly string[], wanted = 'size'): number {
  return fields.findIndex((field) => field.toLowerCase() === wanted.toLowerCase());
}

function invalid(message: string, hint: string): BenchError {
  return new BenchError(message, { code: 'SIZES_INVALID', class: 'config', hint });
}
