import { describe, expect, it } from '@jest/globals';
import { Pace } from '@sai3bench/terminal';
import { stageOf, viewOf } from '../testing/stage-samples.ts';
import { renderBar } from './render-bar.ts';

describe('the bar of a stage', () => {
  it('counts objects, agents and threads', () => {
    expect(renderBar(viewOf(stageOf('prepare')))).toBe(
      '███████████████████████████████████████░ 63888/64000 objects (99%) 1 of 2 agents done (16 threads)',
    );
  });

  it('tells how fast objects are done and how long the rest may take, until all are', () => {
    const pace = new Pace();
    pace.add(1_500, 63_888);
    expect(renderBar(viewOf(stageOf('prepare'), { tasksTotal: 3_600_000 }), pace)).toContain(
      ' 63888/3600000 objects (1%), 42,592 objects/s, about 1m 23s left, 1 of 2 agents done',
    );
    expect(renderBar(viewOf(stageOf('prepare'), { agentsDone: 2 }), pace)).not.toContain('left');
  });

  it('tells no pace while nothing is done', () => {
    expect(renderBar(viewOf(stageOf('prepare'), { tasksDone: 0 }), new Pace())).toContain(
      ' 0/64000 objects (0%) 1 of 2 agents done',
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
      '████████████████████░░░░░░░░░░░░░░░░░░░░ 1.5s/3s 0 of 2 agents done (16 threads)',
    );
  });

  it('is full when a stage without tasks is done', () => {
    const view = viewOf(stageOf('prepare'), { tasksDone: 0, tasksTotal: 0, agentsDone: 2 });
    expect(renderBar(view)).toContain(`${'█'.repeat(40)} 0/0 objects (100%) 2 of 2 agents done`);
  });

  it('shows both ends of a hybrid stage, and is as full as the nearer one', () => {
    const both = { ...stageOf('hybrid', 3000), expectedTasks: 1000 };
    expect(renderBar(viewOf(both, { tasksDone: 250, tasksTotal: 1000 }), new Pace())).toBe(
      '████████████████████░░░░░░░░░░░░░░░░░░░░ 1.5s/3s, 250/1000 operations (25%) 1 of 2 agents done (16 threads)',
    );
    expect(renderBar(viewOf(both, { tasksDone: 1000, tasksTotal: 1000 }))).toContain(
      `${'█'.repeat(40)} 1.5s/3s, 1000/1000 operations (100%)`,
    );
    expect(renderBar(viewOf(stageOf('hybrid', 3000), { tasksTotal: 0 }))).toContain(
      ' 1.5s/3s 1 of',
    );
  });

  it('shows how long a program has run, and how long it may', () => {
    expect(renderBar(viewOf(stageOf('custom')))).toBe(`${'░'.repeat(40)} 1.5s 1 of 2 agents done`);
    const limited = { ...stageOf('custom'), timeoutMs: 3000 };
    expect(renderBar(viewOf(limited))).toContain(' 1.5s of at most 3s 1 of 2 agents done');
  });
});
