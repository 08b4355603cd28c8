import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { progressBar } from './progress-bar.ts';
import { Terminal } from './terminal.ts';

const ESCAPE = '\u001b';
const TOKENS = new RegExp(`${ESCAPE}\\[[?\\d]*[A-Za-z]|[^${ESCAPE}]`, 'gu');

/** A screen that understands the few control sequences that a terminal block needs. */
class Screen {
  readonly isTTY: boolean;
  readonly columns = 40;
  written = '';
  lines = [''];
  row = 0;
  cursorShown = true;

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.written += text;
    for (const [token] of text.matchAll(TOKENS)) {
      if (token === '\n') {
        this.row++;
        this.lines[this.row] ??= '';
      } else if (token === '\r') {
        // The cursor's column does not matter: whole lines are written.
      } else if (token === '\u001b[1A') this.row--;
      else if (token === '\u001b[2K') this.lines[this.row] = '';
      else if (token === '\u001b[?25l') this.cursorShown = false;
      else if (token === '\u001b[?25h') this.cursorShown = true;
      else this.lines[this.row] = (this.lines[this.row] ?? '') + token;
    }
  }

  text(): string[] {
    return this.lines.slice(0, this.row);
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

  it('never tears or loses a line, in any order of calls', () => {
    const line = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => `x${text}`);
    const call = fc.oneof(
      line.map((text) => ({ print: text })),
      fc.array(line, { maxLength: 4 }).map((lines) => ({ show: lines })),
      fc.constant({ clear: true }),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        const screen = new Screen(true);
        const terminal = new Terminal(screen);
        const printed: string[] = [];
        let live: string[] = [];
        for (const each of calls) {
          if ('print' in each) {
            terminal.print(each.print);
            printed.push(each.print);
          } else if ('show' in each) {
            terminal.show(each.show);
            live = each.show;
          } else {
            terminal.clear();
            live = [];
          }
          expect(screen.text()).toEqual([...printed, ...live]);
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
