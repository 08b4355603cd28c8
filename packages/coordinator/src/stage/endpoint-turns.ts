import { formatDurationMs } from '@sai3bench/units';
import type { EndpointTurn } from './endpoint-tally.ts';

/** An endpoint that has gone out or come back, in words. */
export function describeTurn({ address, agentId, outMs, turn }: EndpointTurn): string {
  const duration = formatDurationMs(Math.round(outMs));
  switch (turn) {
    case 'out':
      return `${address} fails: ${agentId} sends requests to the other endpoints until it answers again`;
    case 'back':
      return `${address} answers again: its circuit breaker kept it out for ${duration} of this stage`;
    case 'blip':
      return `${address} failed for a moment and answers again: its circuit breaker kept it out for ${duration} of this stage`;
  }
}
