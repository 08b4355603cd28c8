import { printableJson } from '@sai3bench/terminal';

/** Where JSON that is written gets its texts from, and how it is laid out. */
export interface JsonOptions {
  /** What is written for a text; the text itself when absent. */
  readonly textOf?: (text: string, key: string) => string;
  /** Whether it is for people, with a line for each value. */
  readonly isIndented?: boolean;
}

/** A value as JSON with a line end, of which a terminal does nothing but show it. */
export function jsonText(value: object, { textOf, isIndented = false }: JsonOptions = {}): string {
  const replace =
    textOf &&
    ((key: string, part: unknown): unknown =>
      typeof part === 'string' ? textOf(part, key) : part);
  return `${printableJson(JSON.stringify(value, replace, isIndented ? 2 : undefined))}\n`;
}
