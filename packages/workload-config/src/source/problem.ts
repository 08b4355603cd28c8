import { BenchError } from '@sai3bench/errors';

/** One mistake in a workload file. Lines and columns count from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** Keys and list indexes that lead to the mistake. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A path as a person writes it: `workload[2].size_spec.min`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number'
        ? `${text}[${String(step)}]`
        : `${text}${text === '' ? '' : '.'}${String(step)}`,
    '',
  );
}

/** Mistakes of which each is told; of a file that is none of ours there may be one in each line. */
const MOST_PROBLEMS = 50;

/** All mistakes of a file in one error, one line each: `file:line:column: message`. */
export function configError(fileName: string, problems: readonly Problem[]): BenchError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted
    .slice(0, MOST_PROBLEMS)
    .map(
      ({ line, column, message }) => `${fileName}:${String(line)}:${String(column)}: ${message}`,
    );
  const more = sorted.length - lines.length;
  if (more > 0) lines.push(`${fileName}: ${String(more)} more mistakes`);
  return new BenchError(lines.join('\n'), {
    code: 'CONFIG_INVALID',
    class: 'config',
    hint: 'the keys and their values are described in docs/configuration.md',
  });
}
