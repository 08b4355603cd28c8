import type { SizeDistribution } from '@sai3bench/datagen';

/** A file that says how large objects are. */
export interface SizeFile {
  /** `histogram`: each line has sizes and how many objects have them. `inventory`: each line is an object. */
  readonly type: 'histogram' | 'inventory';
  /** Path, as it is written in the workload file. */
  readonly file: string;
  /** Which column of an inventory has the sizes: its name, or its number from 1. */
  readonly column: string | number | undefined;
}

/** Sizes as a workload file has them: in itself, or in another file. */
export type SizeSource = SizeDistribution | SizeFile;

/** The sizes in a file; undefined when it has not been read. */
export type SizesOfFile = (file: SizeFile) => SizeDistribution | undefined;
