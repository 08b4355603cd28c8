import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addCounts, countDelta, endedOf, NO_COUNTS } from './delta-counts.ts';
import { OPERATIONS, operationIndex } from './operation.ts';
import { OperationStats } from './operation-stats.ts';
import { allocateRecorder } from './recorder-layout.ts';
import { RecorderReader } from './recorder-reader.ts';
import { Recorder } from './recorder.ts';

const works = fc.array(
  fc.record({
    operation: fc.constantFrom(...OPERATIONS),
    fails: fc.boolean(),
    bytes: fc.nat(9999),
  }),
  { maxLength: 20 },
);

describe('countDelta()', () => {
  it('counts what statistics count that look into histograms, also in parts', () => {
    fc.assert(
      fc.property(fc.array(works, { maxLength: 4 }), (parts) => {
        const memory = allocateRecorder();
        const recorder = new Recorder(memory);
        const reader = new RecorderReader(memory);
        const stats = new OperationStats();
        let counts = NO_COUNTS;
        for (const part of parts) {
          for (const { bytes, fails, operation } of part) {
            const index = operationIndex(operation);
            recorder.started(index);
            if (fails) recorder.failed(index);
            else recorder.succeeded(index, bytes, 0, 0, 0, 1000);
          }
          const delta = reader.takeDelta();
          stats.add(delta);
          counts = addCounts(counts, countDelta(delta));
        }
        for (const kind of ['GET', 'PUT', 'META'] as const) {
          expect(counts.classes[kind]).toEqual(stats.countsOfClass(kind));
        }
        expect(counts.errors).toBe(stats.errors());
        expect(endedOf(counts)).toBe(parts.flat().length);
      }),
    );
  });
});
