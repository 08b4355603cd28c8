import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_GET_CHECKS } from './get-checks.ts';
import { type Operation, operationIndex, OPERATIONS } from './operation.ts';
import { OperationStats } from './operation-stats.ts';
import { allocateRecorder } from './recorder-layout.ts';
import { RecorderReader } from './recorder-reader.ts';
import { Recorder } from './recorder.ts';

const GET = operationIndex('GET');
const PUT = operationIndex('PUT');

interface Sample {
  readonly operation: Operation;
  readonly sizeBytes: number;
  readonly latencyNs: number;
}

const sample: fc.Arbitrary<Sample> = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  sizeBytes: fc.oneof(fc.nat(10_000), fc.nat(2 ** 31)),
  latencyNs: fc.oneof(fc.integer({ min: 64, max: 1e6 }), fc.integer({ min: 64, max: 3.6e12 })),
});

function recordAll(recorder: Recorder, samples: readonly Sample[]): void {
  for (const { operation, sizeBytes, latencyNs } of samples) {
    recorder.started(operationIndex(operation));
    recorder.succeeded(operationIndex(operation), sizeBytes, 1000, 1000, 0, 1000 + latencyNs);
  }
}

describe('Recorder and RecorderReader', () => {
  it('hand out deltas that add up to everything recorded, whenever they are taken', () => {
    fc.assert(
      fc.property(fc.array(fc.array(sample), { minLength: 1, maxLength: 6 }), (intervals) => {
        const memory = allocateRecorder();
        const recorder = new Recorder(memory);
        const reader = new RecorderReader(memory);
        const summed = new OperationStats();
        for (const samples of intervals) {
          recordAll(recorder, samples);
          summed.add(reader.takeDelta());
        }
        const whole = new OperationStats();
        whole.add(new RecorderReader(memory).takeDelta());
        expect(summed.toDelta()).toEqual(whole.toDelta());
        expect(whole.all().operations).toBe(intervals.flat().length);
        expect(whole.all().bytes).toBe(
          intervals.flat().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('keep nothing for the next delta', () => {
    const memory = allocateRecorder();
    const recorder = new Recorder(memory);
    recordAll(recorder, [{ operation: 'GET', sizeBytes: 1, latencyNs: 500 }]);
    recorder.checkedGet('length');
    const reader = new RecorderReader(memory);
    reader.takeDelta();
    expect(reader.takeDelta()).toEqual({
      slots: [],
      operations: [],
      clamped: 0,
      getChecks: NO_GET_CHECKS,
    });
  });

  it('count errors and cancellations apart from successes, without a latency', () => {
    const memory = allocateRecorder();
    const recorder = new Recorder(memory);
    recorder.started(GET);
    recorder.failed(GET);
    recorder.started(PUT);
    recorder.retried(PUT, 1);
    recorder.cancelled(PUT);
    const stats = new OperationStats();
    stats.add(new RecorderReader(memory).takeDelta());
    expect(stats.errors('GET')).toBe(1);
    expect(stats.errors('PUT')).toBe(0);
    expect(stats.cancelled()).toBe(1);
    expect(stats.retries('PUT')).toBe(1);
    expect(stats.all().operations).toBe(0);
  });

  it('add up time beside latencies by operation', () => {
    const memory = allocateRecorder();
    const recorder = new Recorder(memory);
    const reader = new RecorderReader(memory);
    const stats = new OperationStats();
    recorder.waited(GET, 100, 20);
    stats.add(reader.takeDelta());
    recorder.waited(GET, 1, 2);
    recorder.succeeded(PUT, 1, 0, 0, 0, 800);
    recorder.generated(PUT, 200, true);
    recorder.generated(PUT, 50, false);
    stats.add(reader.takeDelta());
    expect(stats.times('GET')).toMatchObject({ connectNs: 101, retryNs: 22 });
    expect(stats.times('PUT')).toMatchObject({ generateNs: 250, generateApartNs: 200 });
    expect(stats.generateShare()).toBe(0.25);
    const sum = new OperationStats();
    sum.addStats(stats);
    sum.add(stats.toDelta());
    expect(sum.times('GET').connectNs).toBe(202);
  });

  it('count GETs by how far their answers were compared', () => {
    const memory = allocateRecorder();
    const recorder = new Recorder(memory);
    const reader = new RecorderReader(memory);
    const stats = new OperationStats();
    for (const check of ['content', 'content', 'none'] as const) recorder.checkedGet(check);
    stats.add(reader.takeDelta());
    recorder.checkedGet('length');
    stats.add(reader.takeDelta());
    expect(stats.getChecks).toEqual({ content: 2, length: 1, none: 1 });
  });

  it('show what is in flight while the writer is busy', () => {
    const memory = allocateRecorder();
    const recorder = new Recorder(memory);
    recorder.started(GET);
    recorder.started(GET);
    recorder.succeeded(GET, 1, 0, 0, 0, 100);
    expect(new RecorderReader(memory).inFlight()[GET]).toBe(1);
  });

  it('clamp latencies beyond the range and say how many', () => {
    const memory = allocateRecorder();
    const recorder = new Recorder(memory);
    recorder.started(GET);
    recorder.succeeded(GET, 1, 0, 0, 0, 5e12);
    recorder.started(GET);
    recorder.succeeded(GET, 1, 0, 0, 0, 10);
    const delta = new RecorderReader(memory).takeDelta();
    expect(delta.clamped).toBe(2);
    expect(delta.slots[0]?.latencySumNs).toBe(3.6e12 + 64);
  });

  it('tell response time from service time when an operation starts late', () => {
    const memory = allocateRecorder();
    const recorder = new Recorder(memory);
    recorder.started(GET);
    recorder.succeeded(GET, 1, 1_000_000, 3_000_000, 3_500_000, 4_000_000);
    const stats = new OperationStats();
    stats.add(new RecorderReader(memory).takeDelta());
    const within = (actualNs: number, expectedNs: number): void => {
      expect(Math.abs(actualNs - expectedNs) / expectedNs).toBeLessThan(0.001);
    };
    within(stats.ofOperation('GET').latency.percentileNs(50), 1_000_000);
    within(stats.response('GET').percentileNs(50), 3_000_000);
    within(stats.firstByte('GET').percentileNs(50), 500_000);
  });
});
