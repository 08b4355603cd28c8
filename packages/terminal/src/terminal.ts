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
  /** The live lines as they stand on the screen. */
  #drawn: readonly string[] = [];
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
    this.#sink.write(`${this.#erase()}${printable(text)}\n${this.#draw()}`);
  }

  /** Shows lines below everything else until they are replaced; lines that are too long are cut. */
  show(lines: readonly string[]): void {
    if (!this.#sink.isTTY) return;
    const erase = this.#erase();
    this.#live = lines.map((line) => printableLine(line));
    const hide = this.#cursorHidden ? '' : HIDE_CURSOR;
    this.#cursorHidden = true;
    this.#sink.write(`${hide}${erase}${this.#draw()}`);
  }

  /** Removes the live block and leaves the terminal as it was. Call it on every way out. */
  clear(): void {
    const erase = this.#erase();
    this.#live = [];
    this.#drawn = [];
    if (erase !== '' || this.#cursorHidden) {
      this.#sink.write(`${erase}${this.#cursorHidden ? SHOW_CURSOR : ''}`);
    }
    this.#cursorHidden = false;
  }

  #draw(): string {
    const width = Math.max(1, this.#sink.columns - 1);
    this.#drawn = this.#live.map((line) => cut(line, width));
    return this.#drawn.map((line) => `${line}\n`).join('');
  }

  /** Terminals that have become narrower since wrap what was drawn, so that it takes more rows. */
  #erase(): string {
    const columns = Math.max(1, this.#sink.columns);
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(Array.from(line).length / columns)),
      0,
    );
    return rows === 0 ? '' : `${`${CURSOR_UP}${ERASE_LINE}`.repeat(rows)}\r`;
  }
}

/** The first `width` characters of a line, by code points. */
function cut(line: string, width: number): string {
  const characters = Array.from(line);
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}
