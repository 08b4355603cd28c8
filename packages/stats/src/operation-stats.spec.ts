import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_GET_CHECKS } from './get-checks.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { OperationStats } from './operation-stats.ts';
import { OPERATIONS } from './operation.ts';
import { SLOTS } from './recorder-layout.ts';
import type { StatsDelta } from './stats-delta.ts';

const histogram = fc.array(fc.integer({ min: 64, max: 1e10 }), { minLength: 1 }).map((list) => {
  const counts = new LatencyHistogram();
  for (const latencyNs of list) counts.record(latencyNs);
  return {
    operations: list.length,
    latencySumNs: list.reduce((sum, value) => sum + value, 0),
    latency: counts.toSparse(),
  };
});

const delta: fc.Arbitrary<StatsDelta> = fc.record({
  slots: fc.array(
    fc
      .tuple(fc.constantFrom(...SLOTS), fc.nat(1e9), histogram)
      .map(([kind, bytes, latencies]) => ({ ...kind, bytes, ...latencies })),
    { maxLength: 5 },
  ),
  operations: fc.array(
    fc.record({
      operation: fc.constantFrom(...OPERATIONS),
      errors: fc.nat(100),
      cancelled: fc.nat(100),
      retries: fc.nat(100),
      connectNs: fc.nat(1e9),
      retryNs: fc.nat(1e9),
      generateNs: fc.nat(1e9),
      generateApartNs: fc.nat(1e9),
      firstByte: histogram.map(({ latency }) => latency),
      response: fc.constant(new Uint8Array()),
    }),
    { maxLength: 3 },
  ),
  clamped: fc.nat(3),
  getChecks: fc.record({ content: fc.nat(9), length: fc.nat(9), none: fc.nat(9) }),
});

function sum(deltas: readonly StatsDelta[]): OperationStats {
  const stats = new OperationStats();
  for (const part of deltas) stats.add(part);
  return stats;
}

describe('OperationStats', () => {
  it('loses no part of a sample that was read while it was written', () => {
    const kind = { operation: 'GET', sizeBucket: 1 } as const;
    const latency = new LatencyHistogram();
    latency.record(1000);
    const nothing = { operations: 0, bytes: 0, latencySumNs: 0, latency: new Uint8Array() };
    const parts: Partial<StatsDelta['slots'][number]>[] = [
      { operations: 1 },
      { bytes: 4096 },
      { latencySumNs: 1000 },
      { latency: latency.toSparse() },
    ];
    const deltas = parts.map((part) => ({
      ...{ operations: [], clamped: 0, getChecks: NO_GET_CHECKS },
      slots: [{ ...kind, ...nothing, ...part }],
    }));
    const told = sum(deltas.map((each) => sum([each]).toDelta())).all();
    expect(told).toMatchObject({ operations: 1, bytes: 4096, latencySumNs: 1000, meanNs: 1000 });
    expect(told.latency.count).toBe(1);
    const apart = deltas.map((each) => sum([each]).summarizeClass('GET', [50]).bytes);
    expect(apart).toEqual([0, 4096, 0, 0]);
  });

  it('sums to the same whatever the grouping: by agent, by second, or all at once', () => {
    fc.assert(
      fc.property(fc.array(fc.array(delta, { maxLength: 4 }), { maxLength: 4 }), (groups) => {
        const grouped = sum(groups.map((group) => sum(group).toDelta()));
        const flat = sum(groups.flat());
        expect(grouped.all().operations).toBe(flat.all().operations);
        expect(grouped.all().bytes).toBe(flat.all().bytes);
        expect(grouped.errors()).toBe(flat.errors());
        expect(grouped.cancelled()).toBe(flat.cancelled());
        expect(grouped.retries()).toBe(flat.retries());
        expect(grouped.clamped).toBe(flat.clamped);
        expect(grouped.getChecks).toEqual(flat.getChecks);
        for (const operation of OPERATIONS) {
          expect(grouped.times(operation)).toEqual(flat.times(operation));
          const percentiles = [50, 99, 99.9, 100];
          expect(grouped.ofOperation(operation).latency.percentilesNs(percentiles)).toEqual(
            flat.ofOperation(operation).latency.percentilesNs(percentiles),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('adds other statistics as it adds their deltas', () => {
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 4 }), fc.array(delta, { maxLength: 4 }), (a, b) => {
        const added = sum(a);
        added.addStats(sum(b));
        const together = sum([...a, ...b]);
        const byOperation = (x: { operation: string }, y: { operation: string }): number =>
          x.operation.localeCompare(y.operation);
        expect(added.getChecks).toEqual(together.getChecks);
        expect(added.toDelta().slots).toEqual(together.toDelta().slots);
        expect(added.toDelta().operations.toSorted(byOperation)).toEqual(
          together.toDelta().operations.toSorted(byOperation),
        );
        for (const kind of ['GET', 'PUT', 'META'] as const) {
          const { bytes, operations } = together.ofClass(kind);
          expect(added.countsOfClass(kind)).toEqual({ bytes, operations });
        }
      }),
      { numRuns: 50 },
    );
  });

  it('makes META of everything but GET and PUT', () => {
    fc.assert(
      fc.property(fc.array(delta), (deltas) => {
        const stats = sum(deltas);
        const { operations } = stats.all();
        expect(stats.ofClass('META').operations).toBe(
          operations - stats.ofOperation('GET').operations - stats.ofOperation('PUT').operations,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('takes the mean from the exact sum of latencies', () => {
    const stats = sum([
      {
        slots: [
          {
            operation: 'GET',
            sizeBucket: 1,
            operations: 3,
            bytes: 3,
            latencySumNs: 1000,
            latency: new Uint8Array(),
          },
        ],
        operations: [],
        clamped: 0,
        getChecks: NO_GET_CHECKS,
      },
    ]);
    expect(stats.ofOperation('GET').meanNs).toBeCloseTo(333.333, 3);
    expect(stats.ofOperation('PUT').meanNs).toBe(0);
  });

  it('is like new after a reset', () => {
    fc.assert(
      fc.property(delta, delta, (before, after) => {
        const used = new OperationStats();
        used.add(before);
        used.reset();
        expect([used.operationCount(), used.errors(), used.cancelled(), used.clamped]).toEqual([
          0, 0, 0, 0,
        ]);
        used.add(after);
        const fresh = new OperationStats();
        fresh.add(after);
        expect(used.toDelta().slots).toEqual(fresh.toDelta().slots);
        for (const operation of OPERATIONS) {
          expect(used.times(operation)).toEqual(fresh.times(operation));
          expect(used.firstByte(operation).toSparse()).toEqual(
            fresh.firstByte(operation).toSparse(),
          );
        }
      }),
    );
  });

  it('is forgotten and used again without a trace of what was there before', () => {
    fc.assert(
      fc.property(fc.array(delta), fc.array(delta), (before, after) => {
        const used = sum(before);
        used.reset();
        expect(used.all().operations).toBe(0);
        for (const part of after) used.add(part);
        const fresh = sum(after);
        expect(used.all()).toEqual(fresh.all());
        expect(used.all().latency.percentilesNs([50, 99, 100])).toEqual(
          fresh.all().latency.percentilesNs([50, 99, 100]),
        );
        expect(used.generateShare()).toBe(fresh.generateShare());
      }),
    );
  });

  it('adds nothing of a delta of which one histogram is not well-formed', () => {
    fc.assert(
      fc.property(fc.array(delta), delta, (before, bad) => {
        const stats = sum(before);
        const whole = sum(before);
        const last = { operation: 'PUT', errors: 1, cancelled: 1, retries: 1 } as const;
        const times = { connectNs: 1, retryNs: 1, generateNs: 1, generateApartNs: 1 };
        const lists = { firstByte: new Uint8Array(), response: Uint8Array.of(0) };
        expect(() => {
          stats.add({ ...bad, operations: [...bad.operations, { ...last, ...times, ...lists }] });
        }).toThrow(expect.objectContaining({ code: 'STATS_MALFORMED' }));
        expect(stats.toDelta()).toEqual(whole.toDelta());
      }),
    );
  });

  it.each([
    ['GET', 9],
    ['PUT', -1],
    ['STAT', 1],
  ] as const)('refuses statistics of %s with the size bucket %i', (operation, sizeBucket) => {
    const slot = { operation, sizeBucket, operations: 1, bytes: 0, latencySumNs: 1 };
    const bad = { ...slot, latency: new Uint8Array() };
    expect(() => {
      new OperationStats().add({
        ...{ slots: [bad], operations: [], clamped: 0 },
        getChecks: NO_GET_CHECKS,
      });
    }).toThrow(expect.objectContaining({ code: 'STATS_MALFORMED' }));
  });
});
