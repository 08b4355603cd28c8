export { parseByteSize } from './byte-size.ts';
export { parseCount } from './count.ts';
export { parseDurationMs } from './duration.ts';
export { parseFraction } from './fraction.ts';
export {
  formatBytes,
  formatCount,
  formatDecimal,
  formatDurationMs,
  formatEstimateMs,
  formatLatencyNs,
  formatPercent,
  formatThroughput,
} from './format.ts';
