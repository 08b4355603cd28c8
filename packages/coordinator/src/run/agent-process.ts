import { hostname } from 'node:os';

/**
 * Whether the process of an agent is known to have ended: only of agents on this host can that be said. Elsewhere a refused
 * connection may as well be a network that comes back.
 */
export function isProcessGone(agent: {
  readonly hostname: string;
  readonly processId: number;
}): boolean {
  if (agent.hostname !== hostname() || agent.processId <= 0) return false;
  try {
    process.kill(agent.processId, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
