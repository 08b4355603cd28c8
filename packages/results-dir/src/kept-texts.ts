import { maskSecrets, type Secret } from '@sai3bench/secret';
import { printable, printableLine } from '@sai3bench/terminal';
import { jsonText } from './json-text.ts';
import { redact } from './redact.ts';
import { type Column, headerOf, rowOf } from './tables/tsv.ts';

declare const KEPT: unique symbol;

/** Text without secrets. Files of the results take nothing else, and nothing but {@link KeptTexts} makes it. */
export type KeptText = string & { readonly [KEPT]: true };

/** How a value is laid out as JSON. */
export interface KeptJsonOptions {
  /** Whether it is for people, with a line for each value. */
  readonly isIndented?: boolean;
  /** Names of texts that are written as they are, because they say nothing: bytes in base64 are long. */
  readonly untold?: ReadonlySet<string>;
}

/** Measured values, in which a secret of digits is found by chance only. */
const NUMBER = /^[\d.-]*$/;

/**
 * Where all text passes on its way into the files of a run: takes secrets out, and all that looks like one. Those that
 * are known are known from {@link conceal} on.
 */
export class KeptTexts {
  #secrets: readonly Secret[];

  constructor(secrets: readonly Secret[] = []) {
    this.#secrets = secrets;
  }

  /** Takes care of secrets that nothing else shows to be some. */
  conceal(secrets: Iterable<Secret>): void {
    this.#secrets = [...this.#secrets, ...secrets];
  }

  /** A text as it is. */
  text(text: string): KeptText {
    return kept(this.#without(text));
  }

  /** A text of which a terminal does nothing but show it. */
  shown(text: string): KeptText {
    return kept(printable(this.#without(text)));
  }

  /** The same on one line, with a line end. */
  line(text: string): KeptText {
    return kept(`${printableLine(this.#without(text))}\n`);
  }

  /** A value as JSON with a line end. */
  json(value: object, { isIndented = false, untold }: KeptJsonOptions = {}): KeptText {
    const textOf = (text: string, key: string): string =>
      untold?.has(key) === true ? text : this.#without(text);
    return kept(jsonText(value, { isIndented, textOf }));
  }

  /** Rows of a table, tab-separated, with line ends; secrets are taken out of each cell, so that its columns stay. */
  rows<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): KeptText {
    return kept(rows.map((row) => rowOf(columns, row, this.#ofCell)).join(''));
  }

  /** A table with its header. */
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): KeptText {
    return keptTogether([headerText(columns), this.rows(columns, rows)]);
  }

  readonly #ofCell = (cell: string): string => (NUMBER.test(cell) ? cell : this.#without(cell));

  #without(text: string): string {
    return redact(maskSecrets(text, this.#secrets));
  }
}

/** The first line of a table: names that are part of the format. */
export function headerText<Row>(columns: readonly Column<Row>[]): KeptText {
  return kept(headerOf(columns));
}

/** Several pieces of a file, one after the other. */
export function keptTogether(pieces: readonly KeptText[]): KeptText {
  return kept(pieces.join(''));
}

function kept(text: string): KeptText {
  return text as KeptText;
}
