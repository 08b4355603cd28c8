import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OutputLines } from './output-lines.ts';

function linesOf(...pieces: (string | Buffer)[]): { told: string[]; lines: OutputLines } {
  const told: string[] = [];
  const lines = new OutputLines((line) => told.push(line));
  for (const piece of pieces) lines.add(Buffer.from(piece));
  lines.end();
  return { told, lines };
}

describe('the output of a program', () => {
  it('is told line by line, however it arrives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-zäß€😀]{1,30}$/u), { minLength: 1 }),
        fc.array(fc.nat(50)),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.join('\n'));
          const edges = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length];
          const sorted = edges.toSorted((a, b) => a - b);
          const pieces = sorted.slice(1).map((end, at) => bytes.subarray(sorted[at], end));
          expect(linesOf(...pieces).told).toEqual(lines);
        },
      ),
    );
  });

  it('has nothing that would change a terminal', () => {
    const { told } = linesOf('\u001b[31mred\u001b[0m\u0007 and\tso on \r\nnext\u0000\n\n');
    expect(told).toEqual(['red and so on', 'next']);
  });

  it('is cut where a line is too long for a log', () => {
    const { told } = linesOf('x'.repeat(4_500), '\n', 'y');
    expect(told.map((line) => line.length)).toEqual([2_000, 2_000, 500, 1]);
  });

  it('is counted where it is left out, however much arrives at once', () => {
    const { lines, told } = linesOf('y\n'.repeat(10_000), 'y\n'.repeat(5_000), 'last\n');
    expect(told).toHaveLength(10_000);
    expect(lines.leftOut).toBe(5_001);
    expect(lines.last.at(-1)).toBe('last');
  });

  it('is left out where it is too much for a log, but its end is known', () => {
    const { told, lines } = linesOf(
      ...Array.from({ length: 10_020 }, (_, line) => `${String(line)}\n`),
    );
    expect(told).toHaveLength(10_000);
    expect(lines.leftOut).toBe(20);
    expect(lines.last).toHaveLength(10);
    expect(lines.last.at(-1)).toBe('10019');
  });
});
