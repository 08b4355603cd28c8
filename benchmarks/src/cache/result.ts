/** One number beside what it has to reach. */
export interface Result {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Undefined where nothing is promised. */
  readonly target?: number;
  /** Whether more is better. */
  readonly atLeast?: boolean;
}

/** A result on one line: `!` before those that miss what they have to reach. */
export function describeResult({ what, value, unit, target, atLeast }: Result): string {
  const passed = target === undefined || (atLeast === true ? value >= target : value <= target);
  const promise = target === undefined ? '' : `${atLeast === true ? '>=' : '<='} ${String(target)}`;
  return `${passed ? ' ' : '!'} ${what.padEnd(60)}${value.toFixed(2).padStart(12)} ${unit.padEnd(4)} ${promise}`;
}
