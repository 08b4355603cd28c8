import { describe, expect, it } from '@jest/globals';
import { expectationWarning, tasksTotalOf } from './expectation.ts';

const PREPARE = { kind: 'prepare', expectedTasks: 1000 } as const;
const HYBRID = { kind: 'hybrid', expectedTasks: 1000 } as const;

describe('how much there is to do', () => {
  const said = { isKnown: true, tasksTotal: 700 };
  const silent = { isKnown: false, tasksTotal: 0 };

  it('is what the file expects as long as not all agents have said it', () => {
    expect(tasksTotalOf(PREPARE, [said, silent])).toBe(1000);
    expect(tasksTotalOf(PREPARE, [said, said])).toBe(1400);
  });

  it('is never less than what the agents have said', () => {
    expect(tasksTotalOf(PREPARE, [said, said, silent])).toBe(1400);
  });

  it('is what the agents have said where the file expects nothing', () => {
    expect(tasksTotalOf({ kind: 'prepare', expectedTasks: undefined }, [said, silent])).toBe(700);
  });
});

describe('a stage that was about another number of tasks than expected', () => {
  const agent = { tasksDone: 400, tasksTotal: 400, tasksExisted: 100 };

  it('has a warning', () => {
    expect(expectationWarning(PREPARE, [agent])).toBe(
      'there were 500 objects; expected_objects is 1,000',
    );
    expect(expectationWarning(HYBRID, [agent])).toBe(
      '400 operations were done when its time was over or nothing was left to work on; expected_tasks is 1,000',
    );
  });

  it('has none when the number is right, with the objects that were there before', () => {
    expect(expectationWarning(PREPARE, [agent, agent])).toBeUndefined();
    const half = { ...agent, tasksDone: 500 };
    expect(expectationWarning(HYBRID, [half, half])).toBeUndefined();
  });

  it('has none where the file expects nothing', () => {
    expect(
      expectationWarning({ kind: 'cleanup', expectedTasks: undefined }, [agent]),
    ).toBeUndefined();
  });
});
