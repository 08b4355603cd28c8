import { describe, expect, it } from '@jest/globals';
import { COMPLETIONS, COMPLETIONS_OF, STAGE_KINDS } from '../workload/stage.ts';
import { barrier, barrierSync, stage } from './stage.ts';

describe('barrier', () => {
  it.each(['heartbeat_interval', 'query_timeout', 'agent_barrier_timeout'])(
    'needs time for its %s',
    (key) => {
      const { error } = barrier.safeParse({ type: 'all_or_nothing', [key]: 0 });
      expect(error?.issues).toMatchObject([{ path: [key], message: 'must be at least 1ms' }]);
    },
  );

  it.each(['all_or_nothing', 'majority', 'best_effort'])('may be of type %s', (type) => {
    expect(barrier.parse({ type })).toEqual({
      type,
      heartbeat_interval: 30_000,
      missed_threshold: 3,
      query_timeout: 10_000,
      query_retries: 2,
      agent_barrier_timeout: 120_000,
    });
  });

  it('has a type, whatever else it says', () => {
    const { error } = barrier.safeParse({ heartbeat_interval: '1s' });
    expect(error?.issues).toMatchObject([{ path: ['type'] }]);
  });

  it('may have times of milliseconds', () => {
    const times = {
      heartbeat_interval: '100ms',
      query_timeout: '50ms',
      agent_barrier_timeout: '1s 5ms',
    };
    expect(barrier.parse({ type: 'majority', ...times })).toMatchObject({
      heartbeat_interval: 100,
      query_timeout: 50,
      agent_barrier_timeout: 1005,
    });
  });

  it('may ask no second time', () => {
    expect(barrier.parse({ type: 'all_or_nothing', query_retries: 0 })).toMatchObject({
      query_retries: 0,
    });
  });
});

describe('barrierSync', () => {
  it.each(['default_heartbeat_interval', 'default_query_timeout'])(
    'needs time for its %s',
    (key) => {
      const { error } = barrierSync.safeParse({ [key]: '0s' });
      expect(error?.issues).toMatchObject([{ path: [key], message: 'must be at least 1ms' }]);
    },
  );

  it('cannot be switched off, and says so instead of ignoring it', () => {
    expect(barrierSync.parse({ enabled: true }).enabled).toBe(true);
    expect(barrierSync.safeParse({ enabled: false }).error?.issues).toMatchObject([
      { path: ['enabled'], message: expect.stringContaining('cannot be false yet') },
    ]);
  });
});

const KEYS: Readonly<Record<keyof typeof COMPLETIONS_OF, object>> = {
  validation: {},
  prepare: {},
  execute: {},
  hybrid: {},
  custom: { command: 'sync' },
  verify: {},
  cleanup: {},
};

/** Every type of a file with everything that may be said to end it. */
const COMBINATIONS = STAGE_KINDS.filter((type) => type !== 'verify').flatMap((type) =>
  COMPLETIONS.map((completion) => ({
    type,
    completion,
    isLegal: (COMPLETIONS_OF[type] as readonly string[]).includes(completion),
  })),
);

describe('the completion of a stage', () => {
  const issuesOf = (type: keyof typeof COMPLETIONS_OF, completion: string): unknown =>
    stage.safeParse({ name: 'a', type, completion, ...KEYS[type] }).error?.issues;

  it('can be one of ten pairs with its type', () => {
    const legal = COMBINATIONS.filter(({ isLegal }) => isLegal);
    expect(legal.map(({ completion, type }) => `${type} ${completion}`)).toEqual([
      'validation validation_passed',
      'prepare tasks_done',
      'prepare duration_or_tasks',
      'execute duration',
      'execute duration_or_tasks',
      'hybrid duration_or_tasks',
      'custom script_exit',
      'custom duration_or_tasks',
      'cleanup tasks_done',
      'cleanup duration_or_tasks',
    ]);
  });

  it.each(COMBINATIONS.filter(({ isLegal }) => isLegal))(
    'can be $completion of a $type stage',
    ({ completion, type }) => {
      expect(stage.parse({ name: 'a', type, completion, ...KEYS[type] })).toMatchObject({
        type,
        completion,
      });
    },
  );

  it.each(COMBINATIONS.filter(({ isLegal }) => !isLegal))(
    'cannot be $completion of a $type stage, which one message says',
    ({ completion, type }) => {
      const allowed = COMPLETIONS_OF[type].join(' or ');
      expect(issuesOf(type, completion)).toMatchObject([
        {
          path: ['completion'],
          message: `does not fit a ${type} stage: it can only be ${allowed}`,
        },
      ]);
    },
  );

  it.each(STAGE_KINDS.filter((type) => type !== 'verify'))(
    'is the usual one of a %s stage where the file does not say',
    (type) => {
      expect(stage.parse({ name: 'a', type, ...KEYS[type] }).completion).toBe(
        COMPLETIONS_OF[type][0],
      );
    },
  );
});

describe('stage', () => {
  it('does not measure for no time at all', () => {
    const { error } = stage.safeParse({ name: 'x', order: 1, type: 'execute', duration: 0 });
    expect(error?.issues).toMatchObject([{ path: ['duration'], message: 'must be more than 0' }]);
  });
});
