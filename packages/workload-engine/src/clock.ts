/**
 * The monotonic clock of this host in nanoseconds: the same in every thread and process of the host, never set
 * back, without a relation to the time of day.
 *
 * Made from `performance.now()`, which costs 50 ns and allocates nothing, with the offset to
 * `process.hrtime` of the calling thread.
 */
export function monotonicClock(): () => number {
  const offsetNs = Number(process.hrtime.bigint()) - performance.now() * 1e6;
  return () => performance.now() * 1e6 + offsetNs;
}
