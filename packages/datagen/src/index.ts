export { BLOCK_BYTES } from './content.ts';
export { ContentVerifier } from './content-verifier.ts';
export { contentOf, Dataset } from './dataset.ts';
export { partition } from './index-range.ts';
export { PayloadGenerator } from './payload-generator.ts';
export { deriveSeed, randomAt, seedOf, seedToBigInt } from './seed.ts';
export { maxSizeBytes, meanSizeBytes, sizeAt } from './size-distribution.ts';

export type { Content, DedupGroup } from './content.ts';
export type { DatasetSpec } from './dataset.ts';
export type { IndexRange } from './index-range.ts';
export type { Seed } from './seed.ts';
export type { SizeDistribution } from './size-distribution.ts';
export type { ContentObject } from './write-content.ts';
