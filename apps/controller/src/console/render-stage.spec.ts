import { describe, expect, it } from '@jest/globals';
import type { StatsDelta } from '@sai3bench/stats';
import { Pace } from '@sai3bench/terminal';
import { endOf, shareOf, stageOf, statsOf, viewOf } from '../testing/stage-samples.ts';
import { renderLive, renderStageEnd, renderStageTitle } from './render-stage.ts';

describe('the live block', () => {
  it('has the bar, then the latest second of each operation, then errors', () => {
    const view = viewOf(stageOf('execute', 3000), {
      ...{ operations: new Set(['GET', 'PUT'] as const), errors: 4 },
      latest: statsOf({ GET: 5 }),
    });
    expect(renderLive(view, new Pace()).slice(1)).toEqual([
      '  GET    5 ops/s, 5.00 MiB/s, p50 1,000.4 µs, p99 1,000.4 µs',
      '  PUT    0 ops/s, 0.00 MiB/s',
      '  ✗ 4 errors',
    ]);
  });

  it('says how much of a prepare has failed so far, and is to be tried again', () => {
    const view = viewOf(stageOf('prepare'), { putOff: 1234 });
    expect(renderLive(view, new Pace()).at(-1)).toBe(
      '  ⚠ 1,234 put off: failed so far, and tried again when the rest is done',
    );
  });

  it.each([
    [1, 'agent-1 for 5 s'],
    [3, 'agent-1, agent-2, agent-3 for 5 s or more'],
    [1000, '1,000 agents for 5 s or more'],
  ])('says of %d agents that no report of them comes', (count, text) => {
    const silent = Array.from({ length: count }, (_, index) => ({
      agentId: `agent-${String(index + 1)}`,
      silentMs: 5_900 + index,
    }));
    const view = viewOf(stageOf('execute', 3000), { silent });
    expect(renderLive(view, new Pace()).at(-1)).toBe(`  ⚠ no report of ${text}`);
  });
});

describe('the end of a stage', () => {
  it('shows each agent and all together, with every operation', () => {
    const latencies =
      'mean 1,000 µs, p50 1,000.4 µs, p99 1,000.4 µs, p99.9 1,000.4 µs, max 1,000.4 µs';
    expect(renderStageEnd(endOf(stageOf('prepare')))).toEqual([
      '  ✓ agent-1: 1s, 3.00 ops/s, 3.00 MiB/s, 0 errors',
      `      PUT: 3 ops, ${latencies}`,
      '  ✓ agent-2: 2s, 0.50 ops/s, 0.50 MiB/s, 1 error',
      `      PUT: 1 op, 1 error, ${latencies}`,
      '  Total of 2 agents: 2s, 2.00 ops/s, 2.00 MiB/s, 1 error',
      `      PUT: 4 ops, 1 error, ${latencies}`,
      '  While all agents were at work (1s): 3.00 ops/s, 3.00 MiB/s',
    ]);
  });

  it('marks the agents that failed and says why the results are partial', () => {
    const end = endOf(stageOf('execute', 2000), { partial: 'agent-2: disk full' });
    const lines = renderStageEnd({ ...end, failed: new Set(['agent-2']) });
    expect(lines.find((line) => line.includes('agent-2:'))).toMatch(/^ {2}✗ agent-2/);
    expect(lines.at(-1)).toBe('  ⚠ Partial: agent-2: disk full');
  });

  it('does not tick agents that have not told how they have ended the stage', () => {
    const end = endOf(stageOf('execute', 2000));
    const lines = renderStageEnd({ ...end, unreported: new Set(['agent-2']) });
    const marks = lines.filter((line) => /agent-\d:/.test(line)).map((line) => line.split(':')[0]);
    expect(marks).toEqual(['  ✓ agent-1', '  ⚠ no final report of agent-2']);
  });

  it('shows the counts of an agent of which no more is known', () => {
    const lost = { ...shareOf('agent-1', statsOf({ PUT: 3, GET: 2 }), 1000), stats: undefined };
    const end = endOf(stageOf('execute', 2000), { agents: [lost] });
    expect(renderStageEnd({ ...end, failed: new Set(['agent-1']) })[0]).toBe(
      '  ✗ agent-1: 1s, 5 operations, 0 errors, which is all that is known of it alone',
    );
  });

  it('says how much was compared with what was written, where more than lengths were', () => {
    const line = (checks: Partial<StatsDelta['getChecks']>): string | undefined => {
      const stats = statsOf({ GET: 3 });
      const getChecks = { content: 0, length: 0, none: 0, ...checks };
      stats.add({ slots: [], operations: [], clamped: 0, getChecks });
      return renderStageEnd(endOf(stageOf('execute', 2000), { stats })).find((each) =>
        each.includes('Compared'),
      );
    };
    expect(line({ content: 1_200, length: 2, none: 1 })).toBe(
      '  Compared with what was written: the content of 1,200 GETs, the length alone of 2, nothing of 1',
    );
    expect(line({ length: 3 })).toBeUndefined();
  });

  it('says when a cleanup has found nothing to delete', () => {
    const nothing = { stats: statsOf({}), agents: [] };
    const told = '  There was nothing to delete: these agents know of no object that was made';
    const lines = renderStageEnd(endOf(stageOf('cleanup'), nothing));
    expect(lines.slice(lines.indexOf(told))).toEqual([
      told,
      expect.stringMatching(
        /^ +-> if there should be some, clean up with the agents that made them/,
      ),
    ]);
    expect(renderStageEnd(endOf(stageOf('cleanup')))).not.toContain(told);
    expect(renderStageEnd(endOf(stageOf('prepare'), nothing))).not.toContain(told);
    const stopped = { ...nothing, partial: 'the run was interrupted' };
    expect(renderStageEnd(endOf(stageOf('cleanup'), stopped))).not.toContain(told);
  });

  it('names the most frequent kinds of errors, and how many others there are', () => {
    const errors = [9, 4, 2, 1, 1].map((count) => ({
      operation: 'PUT' as const,
      endpoint: '',
      class: 'resource' as const,
      code: `E${String(count)}`,
      message: 'PUT a failed',
      hint: count === 9 ? 'free space' : undefined,
      key: 'a',
      count,
      firstAtMs: 0,
      lastAtMs: 0,
    }));
    expect(renderStageEnd({ ...endOf(stageOf('prepare')), errors }).slice(-5)).toEqual([
      '  ✗ 9 x PUT E9, the first: PUT a failed',
      '    -> free space',
      '  ✗ 4 x PUT E4, the first: PUT a failed',
      '  ✗ 2 x PUT E2, the first: PUT a failed',
      '  ✗ 2 other kinds of errors: see agents/*/errors.tsv',
    ]);
  });

  it('is one line for a stage that only checks, unless it did not pass', () => {
    const stage = stageOf('validation');
    expect(renderStageEnd(endOf(stage))).toEqual(['✓ validation: passed on 2 agents']);
    const broken = renderStageEnd(endOf(stage, { partial: 'agent-2: gone' }));
    expect(broken.join()).not.toContain('passed');
    expect(broken.at(-1)).toBe('  ⚠ Partial: agent-2: gone');
  });

  it('is how long programs have run in a custom stage, which measures nothing', () => {
    const ended = { ...endOf(stageOf('custom'), { partial: 'agent-2: it failed' }) };
    expect(renderStageEnd({ ...ended, failed: new Set(['agent-2']) })).toEqual([
      '  ✓ agent-1: 1s',
      '  ✗ agent-2: 2s',
      '  ⚠ Partial: agent-2: it failed',
    ]);
  });

  it('has a title with its place among the stages', () => {
    expect(renderStageTitle(viewOf(stageOf('prepare')))).toBe(
      '=== Stage 2/3: prepare (prepare) ===',
    );
  });
});
