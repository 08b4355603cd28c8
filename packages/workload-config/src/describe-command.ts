import type { StageCommand } from './workload/stage.ts';

/** What a custom stage runs, on one line; arguments that could be taken for several are in quotes. */
export function describeCommand({ args, program }: StageCommand): string {
  return [program, ...args]
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ');
}
