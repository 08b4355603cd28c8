import { BenchError } from '@sai3bench/errors';
import type { SizeDistribution } from '@sai3bench/datagen';
import { HistogramReader } from './histogram-reader.ts';
import { InventoryReader } from './inventory-reader.ts';
import type { SizeFile } from './size-file.ts';

/** Takes in a file of sizes line by line, in bounded memory. */
export interface SizeFileReader {
  /**
   * @param line without its end
   * @throws BenchError `SIZES_INVALID`, with the number of the line
   */
  add(line: string): void;
  /**
   * The sizes, when all lines have been added.
   *
   * @throws BenchError `SIZES_INVALID` when there were none
   */
  finish(): SizeDistribution;
}

/** The reader for a file that a workload names. */
export function sizeFileReader(file: SizeFile): SizeFileReader {
  const reader =
    file.type === 'histogram' ? new HistogramReader() : new InventoryReader(file.column);
  let lines = 0;
  const located = <Result>(use: () => Result): Result => {
    try {
      return use();
    } catch (error) {
      const { hint, message } = BenchError.from(error);
      throw new BenchError(`${file.file}:${String(lines)}: ${message}`, {
        code: 'SIZES_INVALID',
        class: 'config',
        hint,
      });
    }
  };
  return {
    add: (line) => {
      lines++;
      const text = lines === 1 ? line.replace(/^\uFEFF/, '') : line;
      if (text.trim() === '' || text.startsWith('#')) return;
      located(() => {
        reader.add(text);
      });
    },
    finish: () => located(() => reader.finish()),
  };
}
