import type { SelectionPolicy } from './selection-policy.ts';

/**
 * Endpoints in turn.
 *
 * @param startAt the first endpoint used; workers that start at different ones spread from the first
 *   request on
 */
export function roundRobin(startAt = 0): SelectionPolicy {
  let position = startAt;
  return {
    next: (inFlight) => {
      const endpoint = position % inFlight.length;
      position = endpoint + 1;
      return endpoint;
    },
  };
}
