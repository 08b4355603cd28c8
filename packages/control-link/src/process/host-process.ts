import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '@sai3bench/errors';

/** A process, told from others by whoever is on its host. */
export interface HostProcess {
  readonly hostname: string;
  readonly processId: number;
  /** When it was started, as its host counts: a later process with its id has another. Undefined where that is not known. */
  readonly startedAt?: string;
}

/** States of a process that does nothing more: it waits only for its parent to take note. */
const ENDED = new Set(['Z', 'X']);

/** This process. */
export function ownProcess(): HostProcess {
  return withStart({ hostname: hostname(), processId: process.pid });
}

/**
 * The process that an agent says it has; undefined when it says that it is one of this host, and it is not: two containers
 * may have one name, and processes of their own.
 */
export function processOf(info: Omit<HostProcess, 'startedAt'>): HostProcess | undefined {
  const named = { hostname: info.hostname, processId: info.processId };
  if (named.hostname !== hostname()) return named;
  return isProcessGone(named) ? undefined : withStart(named);
}

/**
 * Whether a process is known to have ended: only of one on this host can that be said. Elsewhere a refused connection may
 * as well be a network that comes back.
 */
export function isProcessGone({ hostname: host, processId, startedAt }: HostProcess): boolean {
  if (host !== hostname() || processId <= 0) return false;
  try {
    process.kill(processId, 0);
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
  const now = processStat(processId);
  if (now === undefined) return false;
  return ENDED.has(now.state) || (startedAt !== undefined && startedAt !== now.startedAt);
}

function withStart(own: HostProcess): HostProcess {
  const startedAt = processStat(own.processId)?.startedAt;
  return startedAt === undefined ? own : { ...own, startedAt };
}

/** What Linux says of a process; undefined elsewhere, and where it is hidden. */
function processStat(processId: number): { state: string; startedAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${String(processId)}/stat`, 'latin1');
    // The name of the program comes before, in parentheses, and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, startedAt] = [fields[0], fields[19]];
    return state === undefined || startedAt === undefined ? undefined : { state, startedAt };
  } catch {
    return undefined;
  }
}
