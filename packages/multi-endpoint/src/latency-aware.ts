import type { EndpointView, SelectionPolicy } from './selection-policy.ts';

/**
 * The better of two endpoints that are drawn at random: the one whose recent latency, times the requests
 * that would then be under way, is lower. Two draws keep all workers from running to the same endpoint,
 * which choosing the best of all would make them do.
 *
 * @param random yields numbers in [0, 1)
 */
export function latencyAware(random: () => number): SelectionPolicy {
  return {
    next: (view) => {
      const { length } = view;
      const one = firstIn(view, Math.floor(random() * length));
      if (length === 1) return one;
      const other = firstIn(view, (one + 1 + Math.floor(random() * (length - 1))) % length);
      return isBetter(view, other, one) ? other : one;
    },
  };
}

/** The first endpoint that is in, from a place on. */
function firstIn(view: EndpointView, place: number): number {
  for (let step = 0; step < view.length; step++) {
    const endpoint = (place + step) % view.length;
    if (view.isIn(endpoint)) return endpoint;
  }
  return place;
}

function isBetter(view: EndpointView, one: number, other: number): boolean {
  const oneLoad = view.inFlight(one);
  const otherLoad = view.inFlight(other);
  const oneNs = view.latencyNs(one);
  const otherNs = view.latencyNs(other);
  // What is not known yet must not look fast: an endpoint that never answers would draw everything.
  if (oneNs === 0 || otherNs === 0) return oneLoad < otherLoad;
  return oneNs * (oneLoad + 1) < otherNs * (otherLoad + 1);
}
