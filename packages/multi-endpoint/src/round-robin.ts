import type { SelectionPolicy } from './selection-policy.ts';

/**
 * Endpoints in turn. Those that are out are passed over, so that the others go on sharing evenly.
 *
 * @param startAt the first endpoint used; workers that start at different ones spread from the first
 *   request on
 */
export function roundRobin(startAt = 0): SelectionPolicy {
  let position = startAt;
  return {
    next: (view) => {
      let left = view.length;
      while (left-- > 0) {
        const endpoint = position % view.length;
        position = endpoint + 1;
        if (view.isIn(endpoint)) return endpoint;
      }
      return 0;
    },
  };
}
