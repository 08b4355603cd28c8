import { randomAt, type Seed } from './seed.ts';

/** How large objects are. All sizes are whole bytes. */
export type SizeDistribution =
  | { readonly type: 'fixed'; readonly sizeBytes: number }
  | { readonly type: 'uniform'; readonly minBytes: number; readonly maxBytes: number }
  | {
      readonly type: 'lognormal';
      /** Mean and standard deviation of the sizes themselves, not of their logarithms. */
      readonly meanBytes: number;
      readonly stdDevBytes: number;
      readonly minBytes: number;
      readonly maxBytes: number;
    };

/** Draws outside [min, max] are repeated this often before they are clamped. */
const MAX_REDRAWS = 100;

/** The size in bytes of object `index`: a pure function of distribution, seed and index. */
export function sizeAt(distribution: SizeDistribution, seed: Seed, index: number): number {
  switch (distribution.type) {
    case 'fixed':
      return distribution.sizeBytes;
    case 'uniform': {
      const span = distribution.maxBytes - distribution.minBytes + 1;
      return distribution.minBytes + Math.floor(randomAt(seed, index, 0) * span);
    }
    case 'lognormal':
      return lognormalAt(distribution, seed, index);
  }
}

function lognormalAt(
  distribution: Extract<SizeDistribution, { type: 'lognormal' }>,
  seed: Seed,
  index: number,
): number {
  const { meanBytes, stdDevBytes, minBytes, maxBytes } = distribution;
  const variance = Math.log(1 + (stdDevBytes / meanBytes) ** 2);
  const mu = Math.log(meanBytes) - variance / 2;
  const sigma = Math.sqrt(variance);
  let sizeBytes = 0;
  for (let draw = 0; draw <= 2 * MAX_REDRAWS; draw += 2) {
    sizeBytes = Math.round(Math.exp(mu + sigma * normalAt(seed, index, draw)));
    if (sizeBytes >= minBytes && sizeBytes <= maxBytes) return sizeBytes;
  }
  return Math.min(Math.max(sizeBytes, minBytes), maxBytes);
}

/** A standard normal number by the Box-Muller transform; uses draws `draw` and `draw + 1`. */
function normalAt(seed: Seed, index: number, draw: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - randomAt(seed, index, draw)));
  return radius * Math.cos(2 * Math.PI * randomAt(seed, index, draw + 1));
}

/** The largest size that the distribution can yield. */
export function maxSizeBytes(distribution: SizeDistribution): number {
  return distribution.type === 'fixed' ? distribution.sizeBytes : distribution.maxBytes;
}

/**
 * The mean size in bytes, for estimates. That of a lognormal distribution ignores its bounds except
 * to stay between them.
 */
export function meanSizeBytes(distribution: SizeDistribution): number {
  switch (distribution.type) {
    case 'fixed':
      return distribution.sizeBytes;
    case 'uniform':
      return (distribution.minBytes + distribution.maxBytes) / 2;
    case 'lognormal':
      return Math.min(
        Math.max(distribution.meanBytes, distribution.minBytes),
        distribution.maxBytes,
      );
  }
}
