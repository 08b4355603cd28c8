import type { SelectionPolicy } from './selection-policy.ts';

/**
 * Endpoints in proportion to their weights, in an order that is made once and then walked through: after
 * every round, each endpoint has had exactly its share, and on the way there its turns are spread out.
 *
 * @param weights whole numbers of at least 1, by endpoint
 * @param startAt the endpoint whose share of the round is about where the walk begins
 */
export function weighted(weights: readonly number[], startAt = 0): SelectionPolicy {
  const order = spreadOut(weights);
  let position = Math.floor(((startAt % weights.length) / weights.length) * order.length);
  return {
    next: (view) => {
      let left = order.length;
      while (left-- > 0) {
        const endpoint = order[position] ?? 0;
        position = position + 1 === order.length ? 0 : position + 1;
        if (view.isIn(endpoint)) return endpoint;
      }
      return 0;
    },
  };
}

/** Each endpoint as often as its weight says, at equal distances as far as the others let it. */
function spreadOut(weights: readonly number[]): Uint16Array {
  const divisor = weights.reduce(greatestCommonDivisor);
  const turns = weights.flatMap((weight, endpoint) => {
    const count = weight / divisor;
    return Array.from({ length: count }, (_, turn) => ({ endpoint, at: (turn + 0.5) / count }));
  });
  turns.sort((one, other) => one.at - other.at || one.endpoint - other.endpoint);
  return Uint16Array.from(turns, ({ endpoint }) => endpoint);
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
