import { describe, expect, it } from '@jest/globals';
import type { ErrorGroup } from './error-journal.ts';
import { judgeStage, type StageFacts } from './stage-verdict.ts';

const DENIED: ErrorGroup = {
  operation: 'PUT',
  endpoint: 'http://a',
  class: 'permission',
  code: 'S3_AccessDenied',
  message: 'PUT key failed: denied',
  hint: 'grant it',
  key: 'key',
  keys: ['key'],
  count: 7,
  firstAtMs: 0,
  lastAtMs: 0,
};

const FINE: StageFacts = {
  stage: { name: 'mix', kind: 'execute', durationMs: 3000 },
  givenUp: undefined,
  stopped: false,
  successes: 100,
  errors: 0,
  cancelled: 0,
  groups: [],
  directoriesLeft: 0,
  workers: 4,
  stuckWorkers: 0,
  lenient: false,
  tasksTotal: 0,
  cutShortMs: undefined,
  ranDryMs: undefined,
  deletesOnly: false,
};
const NOTHING: StageFacts = { ...FINE, successes: 0 };

describe('judgeStage()', () => {
  it('takes a measurement for complete when something succeeded, whatever failed or was cancelled', () => {
    expect(judgeStage(FINE)).toEqual({ outcome: 'completed' });
    const troubled = { ...FINE, errors: 7, groups: [DENIED], cancelled: 2, stuckWorkers: 1 };
    expect(judgeStage(troubled)).toEqual({ outcome: 'completed' });
  });

  it('takes an order to stop for what it is, not for a failure', () => {
    expect(judgeStage({ ...NOTHING, stopped: true, cutShortMs: 10 })).toEqual({
      outcome: 'stopped',
    });
  });

  it('says why a stage was given up, with the most frequent failure as the cause', () => {
    const givenUp = 'none of the first 10 operations succeeded';
    expect(
      judgeStage({ ...NOTHING, givenUp, stopped: true, errors: 1234, groups: [DENIED] }),
    ).toEqual({
      outcome: 'failed',
      failure: expect.objectContaining({
        code: 'STAGE_GIVEN_UP',
        message: `stage mix was given up: ${givenUp} (errors until it had stopped: 1,234)`,
        class: 'permission',
        hint: 'grant it',
        causes: ['PUT key failed: denied'],
      }),
    });
  });

  it.each<[string, Partial<StageFacts>, string]>([
    ['failures', { errors: 7, groups: [DENIED] }, 'none of 7 operations succeeded'],
    [
      'failures and threads that hang',
      { errors: 7, groups: [DENIED], stuckWorkers: 2 },
      'none of 7 operations succeeded, and 2 of 4 threads are stuck in a system call',
    ],
    [
      'threads that hang',
      { cancelled: 4, stuckWorkers: 4 },
      'no operation has ended: 4 of 4 threads are stuck in a system call',
    ],
    [
      'nothing to delete',
      { ranDryMs: 0, deletesOnly: true },
      'no operation was carried out: there is no object of this run to delete',
    ],
    [
      'nothing to work on',
      { ranDryMs: 0 },
      'no operation was carried out: there is no object of this run to work on',
    ],
    ['answers that are late', { cancelled: 4 }, 'no operation has ended in time: 4 were cancelled'],
    ['no time', {}, 'no operation was begun'],
  ])('fails a measurement without a success, because of %s', (_, facts, message) => {
    expect(judgeStage({ ...NOTHING, ...facts })).toMatchObject({
      outcome: 'failed',
      failure: { code: 'STAGE_WITHOUT_SUCCESS', message, hint: expect.any(String) },
    });
  });

  it('fails a stage that ended early though there was work left', () => {
    expect(judgeStage({ ...FINE, cutShortMs: 1000 })).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'STAGE_CUT_SHORT',
        class: 'internal',
        message: 'stage mix ended after 1s of 3s, though there was work left',
      },
    });
  });

  it('notes on a complete measurement that there was nothing left to do before its end', () => {
    expect(judgeStage({ ...FINE, ranDryMs: 412, deletesOnly: true })).toMatchObject({
      outcome: 'completed',
      failure: {
        code: 'STAGE_RAN_DRY',
        message: 'stage mix ran dry after 412ms of 3s: no object of this run was left to delete',
        hint: 'prepare more objects, or shorten the stage',
      },
    });
  });

  it('wants everything of stages that end with their tasks', () => {
    const tasks = { ...FINE, errors: 7, groups: [DENIED], tasksTotal: 100, ranDryMs: 50 };
    const prepare = { name: 'prepare', kind: 'prepare' } as const;
    const cleanup = { name: 'cleanup', kind: 'cleanup' } as const;
    expect(judgeStage({ ...tasks, stage: prepare }).failure).toMatchObject({
      code: 'STAGE_INCOMPLETE',
      message: '7 of 100 objects could not be created',
    });
    expect(judgeStage({ ...tasks, stage: cleanup, directoriesLeft: 2 }).failure).toMatchObject({
      message: '5 of 100 objects could not be deleted, 2 directories could not be removed',
    });
    expect(judgeStage({ ...tasks, stage: cleanup, directoriesLeft: 7 }).failure).toMatchObject({
      message: '7 directories could not be removed',
    });
    const unmade = { ...DENIED, operation: 'MKDIR', count: 3 } as const;
    expect(
      judgeStage({ ...tasks, stage: prepare, groups: [DENIED, unmade] }).failure,
    ).toMatchObject({
      message: '4 of 100 objects could not be created, 3 directories could not be made',
    });
    expect(judgeStage({ ...tasks, stage: prepare, errors: 0 })).toEqual({ outcome: 'completed' });
    expect(judgeStage({ ...NOTHING, stage: prepare })).toEqual({ outcome: 'completed' });
  });
});

describe('a stage that ends by its time or its tasks', () => {
  const HYBRID = {
    name: 'mix',
    kind: 'hybrid',
    durationMs: 3000,
    completion: 'duration_or_tasks',
    operations: 100,
  } as const;

  it('is complete when all of its operations are done, though there is time left', () => {
    const facts: StageFacts = { ...FINE, stage: HYBRID, successes: 93, errors: 7, ranDryMs: 1000 };
    expect(judgeStage({ ...facts, groups: [DENIED] })).toEqual({ outcome: 'completed' });
  });

  it('is complete when it had no share of the operations', () => {
    const stage = { ...HYBRID, operations: 0 };
    expect(judgeStage({ ...NOTHING, stage, ranDryMs: 0 })).toEqual({ outcome: 'completed' });
  });

  it('has failed when nothing succeeded', () => {
    const facts: StageFacts = { ...NOTHING, stage: HYBRID, errors: 7, groups: [DENIED] };
    expect(judgeStage(facts)).toMatchObject({
      outcome: 'failed',
      failure: { code: 'STAGE_WITHOUT_SUCCESS' },
    });
  });

  it('may run out of objects without a word, if the file says so', () => {
    const execute = { name: 'mix', kind: 'execute', durationMs: 3000 } as const;
    const dry: StageFacts = { ...FINE, stage: execute, ranDryMs: 1000 };
    expect(judgeStage(dry)).toMatchObject({ failure: { code: 'STAGE_RAN_DRY' } });
    const stage = { ...execute, completion: 'duration_or_tasks' } as const;
    expect(judgeStage({ ...dry, stage })).toEqual({ outcome: 'completed' });
  });
});
