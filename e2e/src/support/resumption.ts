import type { Child } from '@sai3bench/testing';
import { ioProcesses } from './programs.ts';
import { untilGone } from './until.ts';

/** How many objects a run has found, and how many it had to make. */
export interface Resumption {
  readonly existing: number;
  readonly missing: number;
}

/** What a run has said of where it goes on; undefined when it has said nothing. */
export function resumptionOf(output: string): Resumption | undefined {
  const found = /resuming: ([\d,]+) of ([\d,]+) exist, ([\d,]+) to create/.exec(output);
  if (found === null) return undefined;
  const [existing = 0, total = 0, missing = 0] = found
    .slice(1)
    .map((text) => Number(text.replaceAll(',', '')));
  if (existing + missing !== total) throw new RangeError(`this does not add up: ${found[0]}`);
  return { existing, missing };
}

/** Ends programs by SIGKILL, and waits until those that do I/O for them have noticed. */
export async function killAll(...programs: readonly Child[]): Promise<void> {
  const workers = ioProcesses(...programs);
  for (const program of programs) program.process.kill('SIGKILL');
  await Promise.all(programs.map(({ ended }) => ended));
  await untilGone(workers);
}
