import { printable } from '@sai3bench/terminal';

/** A column of a table: its name, what it means (for docs/results.md), and its value in a row. */
export interface Column<Row> {
  readonly name: string;
  /** Unit and meaning, in one line. */
  readonly meaning: string;
  readonly value: (row: Row) => string;
}

/** The names of the columns, tab-separated, with a line end. */
export function headerOf<Row>(columns: readonly Column<Row>[]): string {
  return `${columns.map(({ name }) => name).join('\t')}\n`;
}

/**
 * One row, tab-separated, with a line end. Tabs and line ends within values become blanks, and what a terminal would obey
 * instead of showing it is spelled.
 *
 * @param told what is written for a value
 */
export function rowOf<Row>(
  columns: readonly Column<Row>[],
  row: Row,
  told: (cell: string) => string,
): string {
  const cells = columns.map(({ value }) => told(value(row)).replaceAll(/[\t\r\n]+/g, ' '));
  return printable(`${cells.join('\t')}\n`);
}

/** Rows of a table by column name. Lines that begin with `#` and empty lines are skipped. */
export function parseTsv(text: string): Record<string, string>[] {
  const [header, ...lines] = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const names = header?.split('\t') ?? [];
  return lines.map((line) => {
    const values = line.split('\t');
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
  });
}
