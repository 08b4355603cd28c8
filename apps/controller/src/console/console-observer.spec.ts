import { describe, expect, it } from '@jest/globals';
import type { ConnectedAgent, RosterEntry } from '@sai3bench/coordinator';
import { BenchError } from '@sai3bench/errors';
import { Terminal } from '@sai3bench/terminal';
import { parseWorkload } from '@sai3bench/workload-config';
import { stageOf, statsOf, viewOf } from '../testing/stage-samples.ts';
import { ConsoleObserver } from './console-observer.ts';
import { Console } from './console.ts';

const WORKLOAD = parseWorkload(
  'target: null://\nprepare: {ensure_objects: [{count: 9}]}',
  'w.yaml',
);

/** An observer, what it writes, what console.log gets and what agents' logs get. */
function observe(isTTY: boolean) {
  const written: string[] = [];
  const kept: string[] = [];
  const agentLines: string[] = [];
  const clock = { nowMs: 0 };
  const console = new Console(
    new Terminal({ write: (text) => written.push(text), isTTY, columns: 200 }),
    false,
  );
  console.keepWith((line) => kept.push(line));
  const observer = new ConsoleObserver(
    console,
    WORKLOAD,
    (agentId, line) => agentLines.push(`${agentId} ${line}`),
    () => clock.nowMs,
  );
  return { observer, written, kept, agentLines, clock };
}

/** A second of a prepare stage in which 100 objects were made of 10,000. */
function secondOf(second: number) {
  return viewOf(stageOf('prepare'), {
    ...{ elapsedMs: second * 1000, tasksDone: second * 100, tasksTotal: 10_000, agentsDone: 0 },
    latest: statsOf({ PUT: 100 }),
  });
}

describe('a stage without a terminal', () => {
  it('prints its rate, what is left and its latencies every ten seconds', () => {
    const { kept, observer } = observe(false);
    observer.stageStarted(secondOf(0));
    const before = kept.length;
    for (let second = 1; second <= 29; second++) observer.stageProgress(secondOf(second));
    expect(kept.slice(before).map((line) => line.replace(/[█░]/g, ''))).toEqual([
      ' 1000/10000 objects (10%), 100 objects/s, about 1m 30s left, 0 of 2 agents done (16 threads)',
      '  PUT    100 ops/s, 100.00 MiB/s, p50 1,000.4 µs, p99 1,000.4 µs',
      ' 2000/10000 objects (20%), 100 objects/s, about 1m 20s left, 0 of 2 agents done (16 threads)',
      '  PUT    100 ops/s, 100.00 MiB/s, p50 1,000.4 µs, p99 1,000.4 µs',
    ]);
  });
});

describe('tidying up', () => {
  const progress = { what: 'removing directories', done: 1_234, total: 10_000 };

  it('is shown below the stage that it belongs to, and alone after the last', () => {
    const { observer, written } = observe(true);
    observer.stageStarted(secondOf(0));
    observer.tidyingUp(progress);
    expect(written.join('')).not.toContain('Tidying up');
    observer.stageProgress(secondOf(1));
    expect(written.at(-1)).toContain('Tidying up, removing directories: 1,234 of 10,000');
    const { observer: later, written: alone } = observe(true);
    later.tidyingUp(progress);
    expect(alone.join('')).toContain('Tidying up, removing directories: 1,234 of 10,000');
  });

  it('is a line every ten seconds without a terminal, and none when it takes less', () => {
    const { clock, kept, observer } = observe(false);
    for (let second = 0; second < 25; second++) {
      clock.nowMs = 100_000 + second * 1000;
      observer.tidyingUp({ ...progress, done: second });
    }
    expect(kept).toEqual([
      'Tidying up, removing directories: 10 of 10,000',
      'Tidying up, removing directories: 20 of 10,000',
    ]);
  });
});

describe('what others have written', () => {
  const HOSTILE = 'x\u001b[2J\u009b31m\r\u0007\u202e';
  const SPELLED = String.raw`x\x1b[2J\x9b31m\x0d\x07\u202e`;

  it.each<[string, (observer: ConsoleObserver) => void]>([
    [
      'the log of an agent',
      (observer) => {
        const record = { unixUs: 0, level: 'warn', text: HOSTILE, toldOtherwise: false } as const;
        observer.agentLog('agent-1', record);
      },
    ],
    [
      'the failure of an agent',
      (observer) => {
        const options = { code: 'S3_AccessDenied', class: 'auth', hint: HOSTILE } as const;
        observer.failed('agent-1', 'execute', new BenchError('PUT failed', options));
      },
    ],
    [
      'what a check has found',
      (observer) => {
        const place = { level: 'error', class: 'PERM', check: 'write', target: 's3://b/' } as const;
        observer.preflightEnded(new Map([['agent-1', [{ ...place, message: HOSTILE }]]]));
      },
    ],
    [
      'the name of a host',
      (observer) => {
        const agent = { id: 'agent-1', address: '10.0.0.1:7167' } as RosterEntry;
        observer.connected([{ agent, hostname: HOSTILE, version: '1' }] as ConnectedAgent[]);
      },
    ],
    [
      'what is still done',
      (observer) => {
        observer.tidyingUp({ what: HOSTILE, done: 1, total: 2 });
      },
    ],
  ])('is shown and kept, never obeyed: %s', (_, tell) => {
    const { agentLines, kept, observer, written } = observe(true);
    tell(observer);
    const shown = written.join('');
    expect(shown).toContain(SPELLED);
    expect([...kept, ...agentLines].every((line) => !/\p{Cc}|\u202e/u.test(line))).toBe(true);
    const [hideCursor, lineEnd] = ['\u001b[?25l', '\n'];
    expect(shown.replace(hideCursor, '').replaceAll(lineEnd, '')).not.toMatch(/\p{Cc}|\u202e/u);
  });

  it('makes no lines of its own that pass for those of the controller', () => {
    const { agentLines, kept, observer } = observe(false);
    const text = 'odd\n✓ Run completed';
    observer.agentLog('agent-1', { unixUs: 0, level: 'warn', text, toldOtherwise: false });
    expect(kept).toEqual(['⚠ agent-1: odd ✓ Run completed']);
    expect(agentLines).toHaveLength(1);
    expect(agentLines[0]).not.toContain('\n');
  });
});

describe('the log of an agent', () => {
  const record = { unixUs: 0, text: '⚠ The cache is damaged', toldOtherwise: false };

  it('puts a warning above the live block, and into console.log', () => {
    const { agentLines, kept, observer, written } = observe(true);
    observer.stageStarted(secondOf(1));
    written.length = 0;
    observer.agentLog('agent-2', { ...record, level: 'warn' });
    const [output = ''] = written;
    expect(written).toHaveLength(1);
    // The block is erased, the line printed, and the block drawn again below it.
    expect(output.replaceAll('\u001b', '^')).toMatch(
      /^(?:\^\[1A\^\[2K)+\r⚠ agent-2: The cache is damaged\n[█░]+ 100\//,
    );
    expect(kept.at(-1)).toBe('⚠ agent-2: The cache is damaged');
    expect(agentLines).toEqual([
      'agent-2 1970-01-01T00:00:00.000000Z  WARN ⚠ The cache is damaged',
    ]);
  });

  it('shows errors like warnings', () => {
    const { kept, observer } = observe(false);
    observer.agentLog('agent-1', { ...record, level: 'error' });
    expect(kept).toEqual(['⚠ agent-1: The cache is damaged']);
  });

  it('is only kept where another message tells the same, or where it is no warning', () => {
    const { agentLines, kept, observer } = observe(false);
    observer.agentLog('agent-1', { ...record, level: 'warn', toldOtherwise: true });
    observer.agentLog('agent-1', { ...record, level: 'info' });
    observer.agentLog('agent-1', { ...record, level: 'debug' });
    expect(kept).toEqual([]);
    expect(agentLines).toHaveLength(3);
  });

  it('has what was left out told when the run has ended', () => {
    const { kept, observer } = observe(false);
    for (let turn = 0; turn < 5; turn++) observer.agentLog('agent-1', { ...record, level: 'warn' });
    observer.ended();
    expect(kept).toHaveLength(4);
    expect(kept.at(-1)).toContain('2 more like "The cache is damaged"');
  });
});
