import { describe, expect, it } from '@jest/globals';
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

describe('stage', () => {
  it('does not measure for no time at all', () => {
    const { error } = stage.safeParse({ name: 'x', order: 1, type: 'execute', duration: 0 });
    expect(error?.issues).toMatchObject([{ path: ['duration'], message: 'must be more than 0' }]);
  });
});
