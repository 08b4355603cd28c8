import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

/** Longer lines are told in pieces. */
const LONGEST_LINE = 2_000;
/** Lines of a program that are told; what follows is only counted. */
const MOST_LINES = 10_000;
/** Lines that are kept to say why a program has failed. */
const LAST_LINES = 10;

/**
 * What a program prints to one stream, line by line: without what would change a terminal, and no more than a log
 * can take.
 */
export class OutputLines {
  readonly #tell: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  readonly #last: string[] = [];
  #rest = '';
  #count = 0;

  /** @param tell takes each line that is not left out */
  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** Its last lines, those that were left out included. */
  get last(): readonly string[] {
    return this.#last;
  }

  /** How many lines were left out. */
  get leftOut(): number {
    return Math.max(0, this.#count - MOST_LINES);
  }

  add(bytes: Buffer): void {
    this.#take(this.#decoder.write(bytes));
  }

  /** Takes what stands behind the last end of a line. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n|\r/);
    this.#rest = lines.pop() ?? '';
    for (const line of this.#worthwhile(lines)) this.#line(line);
    while (this.#rest.length > LONGEST_LINE) {
      this.#line(this.#rest.slice(0, LONGEST_LINE));
      this.#rest = this.#rest.slice(LONGEST_LINE);
    }
  }

  /** All of some lines; where too much is printed already, those alone that may be the last. */
  #worthwhile(lines: readonly string[]): readonly string[] {
    if (this.#count < MOST_LINES) return lines;
    const last = lines.slice(-LAST_LINES);
    this.#count += lines.length - last.length;
    return last;
  }

  #line(raw: string): void {
    for (let begin = 0; begin === 0 || begin < raw.length; begin += LONGEST_LINE) {
      const line = printable(raw.slice(begin, begin + LONGEST_LINE));
      if (line === '') continue;
      this.#count++;
      this.#last.push(line);
      if (this.#last.length > LAST_LINES) this.#last.shift();
      if (this.#count <= MOST_LINES) this.#tell(line);
    }
  }
}

/** A line without what moves cursors, colours or rings; tabs are blanks. */
function printable(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll('\t', ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trimEnd();
}
