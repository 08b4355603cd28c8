import type { SelectionPolicy } from './selection-policy.ts';

/**
 * Endpoints that are compared for one request. With more of them, the least loaded of so many in turn is
 * as good as the least of all in practice, and the price of a choice stays bounded.
 */
const COMPARED = 64;

/**
 * The endpoint with the fewest requests under way; among equals, the next in turn, so that idle
 * endpoints share the load instead of the first one taking it all.
 *
 * @param startAt where the turn begins
 */
export function leastConnections(startAt = 0): SelectionPolicy {
  let position = startAt;
  return {
    next: (view) => {
      let chosen = 0;
      let fewest = Infinity;
      let compared = 0;
      for (let step = 0; step < view.length && compared < COMPARED && fewest > 0; step++) {
        const candidate = (position + step) % view.length;
        if (!view.isIn(candidate)) continue;
        compared++;
        const load = view.inFlight(candidate);
        if (load >= fewest) continue;
        fewest = load;
        chosen = candidate;
      }
      position = chosen + 1;
      return chosen;
    },
  };
}
