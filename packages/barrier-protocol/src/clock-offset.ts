/** One question to another clock. The local times are of one clock, the remote one of the other. */
export interface ClockReading {
  readonly sentNs: number;
  readonly remoteNs: number;
  readonly receivedNs: number;
}

/** How another clock relates to the local one: remote = local + offset, give or take the error. */
export interface ClockOffset {
  readonly offsetNs: number;
  /** Half the shortest round trip: the offset cannot be wrong by more. */
  readonly errorNs: number;
}

/**
 * The offset of another clock, from the reading with the shortest round trip: the remote clock was read somewhere
 * between sending and receiving, so half of that time bounds the error (Cristian 1989).
 *
 * @param readings at least one
 */
export function estimateOffset(readings: readonly ClockReading[]): ClockOffset {
  const [first, ...others] = readings;
  if (first === undefined) throw new RangeError('there are no clock readings');
  const best = others.reduce(
    (shortest, reading) => (roundTrip(reading) < roundTrip(shortest) ? reading : shortest),
    first,
  );
  const halfNs = roundTrip(best) / 2;
  return { offsetNs: best.remoteNs - (best.sentNs + halfNs), errorNs: halfNs };
}

function roundTrip(reading: ClockReading): number {
  return reading.receivedNs - reading.sentNs;
}
