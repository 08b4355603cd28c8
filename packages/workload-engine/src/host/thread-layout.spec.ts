import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { layOutThreads } from './thread-layout.ts';

const workers = (count: number) => ({ workers: count, reason: 'as chosen' });

const planOf = (concurrency: number, ...endpoints: string[]) => ({
  concurrency,
  stores: [
    {
      namespace: 'shared' as const,
      strategy: 'round_robin' as const,
      endpoints,
      breaker: { failures: 0, pauseMs: 1, longestPauseMs: 1 },
    },
  ],
});

describe('layOutThreads()', () => {
  it('gives every operation on files a thread of its own', () => {
    const layout = {
      slots: new Array<number>(16).fill(1),
      fileMode: 'sync',
      threadPoolSize: 4,
      reason: 'one for each operation in flight: calls on files block their thread',
    };
    expect(layOutThreads(planOf(16, 'file:///x/'), workers(2))).toEqual(layout);
  });

  it('has a pool beside them for objects that are written past the page cache in pieces', () => {
    for (const endpoints of [['direct:///x/'], ['direct:///x/', 'file:///x/']]) {
      const layout = layOutThreads(planOf(16, ...endpoints), workers(2));
      expect(layout).toMatchObject({ fileMode: 'sync', threadPoolSize: 20 });
      expect(layout.slots).toHaveLength(16);
    }
  });

  it('uses the thread pool for more operations on files than there can be threads', () => {
    expect(layOutThreads(planOf(300, 'file:///x/'), workers(2))).toEqual({
      slots: [150, 150],
      fileMode: 'async',
      threadPoolSize: 304,
      reason: 'as chosen',
    });
  });

  it('gives other stores as many threads as were chosen, but none without work', () => {
    expect(layOutThreads(planOf(33, 's3://b/'), workers(4))).toMatchObject({
      slots: [9, 8, 8, 8],
      reason: 'as chosen',
    });
    expect(layOutThreads(planOf(2, 's3://b/'), workers(4))).toMatchObject({
      slots: [1, 1],
      reason: 'one for each operation in flight',
    });
  });

  it('never loses or adds an operation', () => {
    const address = fc.constantFrom('s3://b/', 'file:///x/', 'direct:///x/', 'null:');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 128 }),
        fc.array(address, { minLength: 1 }),
        (concurrency, chosen, endpoints) => {
          const { slots, threadPoolSize } = layOutThreads(
            planOf(concurrency, ...endpoints),
            workers(chosen),
          );
          expect(slots.reduce((sum, count) => sum + count, 0)).toBe(concurrency);
          expect(Math.min(...slots)).toBeGreaterThanOrEqual(1);
          expect(Math.max(...slots) - Math.min(...slots)).toBeLessThanOrEqual(1);
          expect(threadPoolSize).toBeLessThanOrEqual(1024);
        },
      ),
    );
  });
});
