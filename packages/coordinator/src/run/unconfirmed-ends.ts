import { formatDurationMs } from '@sai3bench/units';

/** What is known of an agent that was told to end a run and has not said that it has. */
export const NOT_CONFIRMED = 'it has not confirmed that it has stopped: its I/O may go on';

/** How many agents are named; of more, their number is told. */
const NAMED = 5;

/** A run that has ended while agents may still do I/O for it. */
export interface UnconfirmedRun {
  /** Agent ids. */
  readonly unconfirmed: readonly string[];
  readonly reconnectGraceMs: number;
  /** The results directory. */
  readonly path: string;
}

/** What to know and to do about agents that have not confirmed the end of a run; nothing when all have. */
export function hintsOfUnconfirmed({
  path,
  reconnectGraceMs,
  unconfirmed,
}: UnconfirmedRun): string[] {
  if (unconfirmed.length === 0) return [];
  const who =
    unconfirmed.length > NAMED ? `${String(unconfirmed.length)} agents` : unconfirmed.join(', ');
  const grace = formatDurationMs(reconnectGraceMs);
  return [
    `${who} may do I/O up to the end of the stage, and takes no other run, until it hears of the end or has heard of no controller for ${grace} (reconnect_grace): sai3bench-ctl stop ${path} stops it, attach also takes over what it has done, status tells how it is`,
  ];
}
