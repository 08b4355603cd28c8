import type { ObjectNaming, SizeDistribution } from '@sai3bench/datagen';

/** How a prepare stage goes about its objects. */
export interface PrepareSettings {
  /** One pool after the other, or all at once. */
  readonly strategy: 'sequential' | 'parallel';
  /** Write every object, whether it is there or not. */
  readonly forceOverwrite: boolean;
  /** Take every object to be there. */
  readonly skipVerification: boolean;
  /** How long to wait after a prepare stage that has created something. */
  readonly postDelayMs: number;
}

/** A set of objects that prepare creates. */
export interface EnsureObjects {
  /** Absolute address, path relative to the target, or undefined for the target itself. */
  readonly baseUri: string | undefined;
  readonly naming: ObjectNaming;
  readonly count: number;
  readonly sizes: SizeDistribution;
  readonly fill: 'random' | 'zero';
  readonly dedupFactor: number;
  readonly compressFactor: number;
}

/** Which directories of a tree have files. */
export const TREE_DISTRIBUTIONS = ['bottom', 'all'] as const;
