import { printable, printableLine } from './printable.ts';

/** Where text goes: standard output, or a test's collector. */
export interface TextSink {
  write(text: string): void;
  /** Whether a person watches: then a live block is shown. */
  readonly isTTY: boolean;
  /** Width in characters. */
  readonly columns: number;
}

const ERASE_LINE = '\u001b[2K';
const CURSOR_UP = '\u001b[1A';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/**
 * Permanent lines with a live block of a few lines below them, redrawn in place. A line that is printed while the
 * block is shown goes above it; nothing is ever torn. Without a terminal only the permanent lines are written. Texts are
 * shown and never obeyed: what controls a terminal comes from here alone.
 */
export class Terminal {
  readonly #sink: TextSink;
  #live: readonly string[] = [];
  #cursorHidden = false;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  get isTTY(): boolean {
    return this.#sink.isTTY;
  }

  /** Width of the live block in characters. */
  get columns(): number {
    return this.#sink.columns;
  }

  /** Prints text for good, with a line end. */
  print(text: string): void {
    this.#sink.write(`${this.#erase()}${printable(text)}\n${this.#live.join('')}`);
  }

  /** Shows lines below everything else until they are replaced; lines that are too long are cut. */
  show(lines: readonly string[]): void {
    if (!this.#sink.isTTY) return;
    const erase = this.#erase();
    const width = Math.max(1, this.#sink.columns - 1);
    this.#live = lines.map((line) => `${cut(printableLine(line), width)}\n`);
    const hide = this.#cursorHidden ? '' : HIDE_CURSOR;
    this.#cursorHidden = true;
    this.#sink.write(`${hide}${erase}${this.#live.join('')}`);
  }

  /** Removes the live block and leaves the terminal as it was. Call it on every way out. */
  clear(): void {
    const erase = this.#erase();
    this.#live = [];
    if (erase !== '' || this.#cursorHidden) {
      this.#sink.write(`${erase}${this.#cursorHidden ? SHOW_CURSOR : ''}`);
    }
    this.#cursorHidden = false;
  }

  #erase(): string {
    return (
      this.#live.map(() => `${CURSOR_UP}${ERASE_LINE}`).join('') +
      (this.#live.length > 0 ? '\r' : '')
    );
  }
}

/** The first `width` characters of a line, by code points. */
function cut(line: string, width: number): string {
  const characters = Array.from(line);
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}
