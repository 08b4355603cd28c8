/** Pearson's statistic: how far counts are from what was expected of them. */
export function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, bin) => {
    const mean = expected[bin] ?? 0;
    return sum + (count - mean) ** 2 / mean;
  }, 0);
}

/** What the statistic exceeds by chance once in about 100 000 times (Wilson and Hilferty's approximation). */
export function chiSquareLimit(degreesOfFreedom: number): number {
  const spread = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - spread + 4.265 * Math.sqrt(spread)) ** 3;
}
