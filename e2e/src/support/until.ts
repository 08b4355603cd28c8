import { setTimeout as pause } from 'node:timers/promises';
import type { Child } from '@sai3bench/testing';
import { ioProcesses, stillRunning } from './programs.ts';

const LOOK_MS = 20;

/**
 * How long something may take here that is to take two seconds: the rest is for the machine, which may be busy or stand
 * still for a moment. What it would take otherwise is longer than this.
 */
export const PROMPTLY_MS = 15_000;

/**
 * Waits until something holds, however long that takes.
 *
 * @param program that is to bring it about; its end is a failure when it has not
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  program?: Child,
): Promise<void> {
  for (let isLast = false; !(await holds());) {
    if (isLast) throw new RangeError(`ended before that:\n${program?.output() ?? ''}`);
    await pause(LOOK_MS);
    isLast = program !== undefined && hasEnded(program);
  }
}

/** Waits until no process does I/O for some agents any more. */
export function untilIdle(...agents: readonly Child[]): Promise<void> {
  return until(() => ioProcesses(...agents).length === 0);
}

/** Waits until some I/O processes have ended, also those whose agent is gone. */
export function untilGone(processes: readonly number[]): Promise<void> {
  return until(() => stillRunning(processes).length === 0);
}

function hasEnded({ process: { exitCode, signalCode } }: Child): boolean {
  return exitCode !== null || signalCode !== null;
}
