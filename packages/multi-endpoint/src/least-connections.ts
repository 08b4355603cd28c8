import type { SelectionPolicy } from './selection-policy.ts';

/**
 * The endpoint with the fewest requests under way; among equals, the next in turn, so that idle
 * endpoints share the load instead of the first one taking it all.
 *
 * @param startAt where the turn begins
 */
export function leastConnections(startAt = 0): SelectionPolicy {
  let position = startAt;
  return {
    next: (inFlight) => {
      let chosen = position % inFlight.length;
      for (let step = 1; step < inFlight.length; step++) {
        const candidate = (position + step) % inFlight.length;
        if (inFlight.at(candidate) < inFlight.at(chosen)) chosen = candidate;
      }
      position = chosen + 1;
      return chosen;
    },
  };
}
