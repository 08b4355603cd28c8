import type { SizeDistribution } from '@sai3bench/datagen';

/** One entry of the operation mix; entries of weight 0 are left out. */
export type WorkloadOperation = {
  readonly weight: number;
  /** Operations of this entry in flight at most, of each agent; undefined for no limit of its own. */
  readonly concurrency: number | undefined;
  /** Absolute address, or path relative to the target. */
  readonly path: string;
  /** Where it stands in the file, for messages. */
  readonly entry: number;
} & (
  | {
      readonly op: 'get';
      readonly access: AccessPattern;
      /** undefined: whole objects. */
      readonly range: ReadRange | undefined;
    }
  | { readonly op: 'stat' | 'delete'; readonly access: AccessPattern }
  | { readonly op: 'list' }
  | { readonly op: 'mkdir' }
  /** Recursive: removes directories of prepared files, with the files in them. */
  | { readonly op: 'rmdir'; readonly recursive: boolean }
  | {
      readonly op: 'put';
      /** Over how many prefixes names are spread; 0 for none. */
      readonly shards: number;
      readonly sizes: SizeDistribution;
      readonly dedupFactor: number;
      readonly compressFactor: number;
    }
);

export const RANGE_OFFSETS = ['random', 'start'] as const;

/** The part of an object that a GET reads. */
export interface ReadRange {
  /** Less where the object is not that long. */
  readonly sizeBytes: number;
  /** Where it begins: anywhere in the object, or at its first byte. */
  readonly offset: (typeof RANGE_OFFSETS)[number];
}

export const ACCESS_TYPES = [
  'uniform',
  'sequential',
  'shuffled',
  'zipf',
  'pareto',
  'hotspot',
] as const;

/** Which of its objects an operation takes next. */
export type AccessPattern =
  /** Any; in order; each once in an order that looks random. */
  | { readonly type: 'uniform' | 'sequential' | 'shuffled' }
  /** The r-th most popular in proportion to 1 / r^theta. */
  | { readonly type: 'zipf'; readonly theta: number }
  /** A part h of the objects gets a part 1 - h of the operations, and so on within that part. */
  | { readonly type: 'pareto'; readonly h: number }
  /** A part of the objects gets a share of the operations; both 0 to 1. */
  | { readonly type: 'hotspot'; readonly objects: number; readonly share: number };

export const PATH_SELECTIONS = ['random', 'partitioned', 'exclusive', 'weighted'] as const;

/** Which objects of a dataset that agents share an agent reads. */
export interface PathSelection {
  readonly strategy: (typeof PATH_SELECTIONS)[number];
  /** Share of the reads that is not of the agent's own part: of any (`partitioned`), of others' (`weighted`). */
  readonly overlap: number;
}

export const DEFAULT_PATH_SELECTION: PathSelection = { strategy: 'random', overlap: 0.3 };
