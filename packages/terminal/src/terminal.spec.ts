import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { progressBar } from './progress-bar.ts';
import { Terminal } from './terminal.ts';

const ESCAPE = '\u001b';
const TOKENS = new RegExp(`${ESCAPE}\\[[?\\d]*[A-Za-z]|[^${ESCAPE}]`, 'gu');

/** A row of a screen. */
interface Row {
  text: string;
  /** Whether it is the rest of the line above, which was too long. */
  readonly isRest: boolean;
}

/** A screen that understands the few control sequences that a terminal block needs, and wraps lines. */
class Screen {
  readonly isTTY: boolean;
  columns = 40;
  written = '';
  rows: Row[] = [];
  row = 0;
  cursorShown = true;

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.written += text;
    for (const [token] of text.matchAll(TOKENS)) {
      if (token === '\n') this.row++;
      else if (token === '\r') {
        // The cursor's column does not matter: whole lines are written.
      } else if (token === '\u001b[1A') this.row--;
      else if (token === '\u001b[2K') this.rows[this.row] = { text: '', isRest: false };
      else if (token === '\u001b[?25l') this.cursorShown = false;
      else if (token === '\u001b[?25h') this.cursorShown = true;
      else this.#put(token);
    }
  }

  /** Becomes narrower or wider, and wraps its lines anew. */
  resize(columns: number): void {
    const lines = this.text();
    this.columns = columns;
    this.rows = [];
    this.row = 0;
    for (const line of lines) {
      for (const character of line) this.#put(character);
      this.row++;
    }
  }

  text(): string[] {
    const lines: string[] = [];
    for (let row = 0; row < this.row; row++) {
      const { isRest = false, text = '' } = this.rows[row] ?? {};
      if (isRest) lines.push(`${lines.pop() ?? ''}${text}`);
      else lines.push(text);
    }
    return lines;
  }

  #put(character: string): void {
    const row = (this.rows[this.row] ??= { text: '', isRest: false });
    if (Array.from(row.text).length < this.columns) row.text += character;
    else this.rows[++this.row] = { text: character, isRest: true };
  }
}

describe('Terminal', () => {
  it('keeps the live block below everything that is printed', () => {
    const screen = new Screen(true);
    const terminal = new Terminal(screen);
    terminal.print('one');
    terminal.show(['bar', 'rate']);
    terminal.print('two');
    terminal.show(['bar!']);
    expect(screen.text()).toEqual(['one', 'two', 'bar!']);
  });

  it('leaves only the printed lines and a visible cursor when it is cleared', () => {
    const screen = new Screen(true);
    const terminal = new Terminal(screen);
    terminal.show(['bar']);
    expect(screen.cursorShown).toBe(false);
    terminal.print('one');
    terminal.clear();
    expect(screen.text()).toEqual(['one']);
    expect(screen.cursorShown).toBe(true);
  });

  it('leaves nothing of the live block behind when the screen becomes narrower', () => {
    const screen = new Screen(true);
    const terminal = new Terminal(screen);
    terminal.print('one');
    terminal.show(['x'.repeat(39), 'rate']);
    screen.resize(15);
    terminal.print('two');
    expect(screen.text()).toEqual(['one', 'two', `${'x'.repeat(13)}…`, 'rate']);
  });

  it('never tears or loses a line, in any order of calls and at any width', () => {
    const line = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => `x${text}`);
    const call = fc.oneof(
      line.map((text) => ({ print: text })),
      fc.array(line, { maxLength: 4 }).map((lines) => ({ show: lines })),
      fc.constant({ clear: true }),
      fc.integer({ min: 5, max: 60 }).map((columns) => ({ columns })),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        const screen = new Screen(true);
        const terminal = new Terminal(screen);
        const printed: string[] = [];
        let live: string[] = [];
        const cut = (text: string): string =>
          text.length < screen.columns ? text : `${text.slice(0, screen.columns - 2)}…`;
        let drawn: string[] = [];
        for (const each of calls) {
          if ('print' in each) {
            terminal.print(each.print);
            printed.push(each.print);
          } else if ('show' in each) {
            terminal.show(each.show);
            live = each.show;
          } else if ('columns' in each) {
            screen.resize(each.columns);
          } else {
            terminal.clear();
            live = [];
          }
          if (!('columns' in each)) drawn = live.map(cut);
          expect(screen.text()).toEqual([...printed, ...drawn]);
        }
      }),
    );
  });

  it('cuts live lines to the width, so that they never wrap', () => {
    const screen = new Screen(true);
    new Terminal(screen).show(['x'.repeat(100)]);
    expect(Array.from(screen.text()[0] ?? '')).toHaveLength(39);
  });

  it('shows texts that would control it, as lines of their own and in the live block', () => {
    const screen = new Screen(true);
    const terminal = new Terminal(screen);
    terminal.print('one\u001b[1A\u001b[2K');
    terminal.show(['bar\r\u009b2J', 'two\nlines']);
    terminal.print('three\u0007');
    expect(screen.text()).toEqual([
      String.raw`one\x1b[1A\x1b[2K`,
      String.raw`three\x07`,
      String.raw`bar\x0d\x9b2J`,
      'two lines',
    ]);
  });

  it('writes plain lines and nothing else where there is no terminal', () => {
    const screen = new Screen(false);
    const terminal = new Terminal(screen);
    terminal.show(['bar']);
    terminal.print('one');
    terminal.clear();
    expect(screen.written).toBe('one\n');
  });
});

describe('progressBar()', () => {
  it('is full only when everything is done', () => {
    expect(progressBar(0, 4)).toBe('░░░░');
    expect(progressBar(0.5, 4)).toBe('██░░');
    expect(progressBar(0.999, 4)).toBe('███░');
    expect(progressBar(1, 4)).toBe('████');
    expect(progressBar(7, 4)).toBe('████');
  });
});
