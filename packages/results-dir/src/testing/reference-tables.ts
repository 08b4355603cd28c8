import { readFileSync } from 'node:fs';

/** docs/results.md. */
export const REFERENCE = readFileSync(
  new URL('../../../../docs/results.md', import.meta.url),
  'utf8',
);

/** The first table below a heading of docs/results.md: its rows without the header, as texts without backticks. */
export function tableBelow(heading: string): string[][] {
  const lines = REFERENCE.split('\n');
  const at = lines.findIndex((line) => line.replace(/^#+ /, '') === heading);
  if (at < 0) throw new RangeError(`docs/results.md has no heading ${heading}`);
  const begin = lines.findIndex((line, index) => index > at && line.startsWith('|'));
  const end = lines.findIndex((line, index) => index > begin && !line.startsWith('|'));
  return lines.slice(begin + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** The first cell of each row of {@link tableBelow}. */
export function namesBelow(heading: string): string[] {
  return tableBelow(heading).map(([name = '']) => name);
}
