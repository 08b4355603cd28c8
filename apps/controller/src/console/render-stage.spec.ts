import { describe, expect, it } from '@jest/globals';
import type { StatsDelta } from '@sai3bench/stats';
import { Pace } from '@sai3bench/terminal';
import { endOf, stageOf, statsOf, viewOf } from '../testing/stage-samples.ts';
import { renderBar, renderLive, renderStageEnd, renderStageTitle } from './render-stage.ts';

describe('the bar of a stage', () => {
  it('counts objects, agents and threads', () => {
    expect(renderBar(viewOf(stageOf('prepare')))).toBe(
      '███████████████████████████████████████░ 63888/64000 objects (99%) 1 of 2 agents (16 threads)',
    );
  });

  it('tells how fast objects are done and how long the rest may take, until all are', () => {
    const pace = new Pace();
    pace.add(1_500, 63_888);
    expect(renderBar(viewOf(stageOf('prepare'), { tasksTotal: 3_600_000 }), pace)).toContain(
      ' 63888/3600000 objects (1%), 42,592 objects/s, about 1m 23s left, 1 of 2 agents',
    );
    expect(renderBar(viewOf(stageOf('prepare'), { agentsDone: 2 }), pace)).not.toContain('left');
  });

  it('tells no pace while nothing is done', () => {
    expect(renderBar(viewOf(stageOf('prepare'), { tasksDone: 0 }), new Pace())).toContain(
      ' 0/64000 objects (0%) 1 of 2 agents',
    );
  });

  it('counts the directories that are made before the objects, and that are all there is', () => {
    const trees = { tasksDone: 0, directoriesDone: 150, directoriesTotal: 600 };
    expect(renderBar(viewOf(stageOf('prepare'), trees))).toContain(' 150/600 directories (25%) ');
    expect(renderBar(viewOf(stageOf('prepare'), { ...trees, directoriesDone: 600 }))).toContain(
      ' 0/64000 objects (0%) ',
    );
    const empty = { tasksTotal: 0, directoriesDone: 600, directoriesTotal: 600, agentsDone: 2 };
    expect(renderBar(viewOf(stageOf('prepare'), empty))).toContain(' 600/600 directories (100%) ');
  });

  it('shows the time of a timed stage', () => {
    expect(renderBar(viewOf(stageOf('execute', 3000), { agentsDone: 0 }), new Pace())).toBe(
      '████████████████████░░░░░░░░░░░░░░░░░░░░ 1.5s/3s 0 of 2 agents (16 threads)',
    );
  });

  it('is full when a stage without tasks is done', () => {
    const view = viewOf(stageOf('prepare'), { tasksDone: 0, tasksTotal: 0, agentsDone: 2 });
    expect(renderBar(view)).toContain(`${'█'.repeat(40)} 0/0 objects (100%) 2 of 2 agents`);
  });
});

describe('the live block', () => {
  it('has the bar, then the latest second of each operation, then errors', () => {
    const view = viewOf(stageOf('execute', 3000), {
      total: statsOf({ GET: 10, PUT: 4 }, 2),
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
    const told = '  There was nothing to delete';
    expect(renderStageEnd(endOf(stageOf('cleanup'), nothing))).toContain(told);
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

  it('has a title with its place among the stages', () => {
    expect(renderStageTitle(viewOf(stageOf('prepare')))).toBe(
      '=== Stage 2/3: prepare (prepare) ===',
    );
  });
});
