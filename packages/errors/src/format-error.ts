import { BenchError } from './bench-error.ts';
import { causeMessages } from './cause-chain.ts';

/**
 * An error on one line: what failed and every cause, separated by colons, without the hint.
 * Never contains a stack trace.
 */
export function summarizeError(error: unknown): string {
  return causeMessages(error).join(': ').replace(/\s+/g, ' ').trim();
}

/** An error for a person: what failed and why, and on a line of its own what to do. */
export function formatError(error: unknown): string {
  const summary = causeMessages(error).join(': ');
  const hint = BenchError.is(error) ? error.hint : undefined;
  return hint === undefined ? summary : `${summary}\n  -> ${hint}`;
}
