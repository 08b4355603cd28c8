import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planOf } from '../testing/run-plan.ts';
import { planPayloadMemory } from './payload-memory.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

const putting = (size: string) =>
  planOf(`target: "null:"\nworkload: [{op: put, path: x/, size_spec: ${size}, weight: 1}]`);

describe('planPayloadMemory()', () => {
  it('gives every operation a buffer of the largest object, in whole blocks', () => {
    expect(planPayloadMemory(putting('5000'), [8, 8], 16 * GIB)).toMatchObject({
      bufferBytes: 8192,
      totalBytes: 16 * 8192,
      reduced: false,
    });
  });

  it('makes larger objects in pieces of 4 MiB', () => {
    expect(planPayloadMemory(putting('5GiB'), [8, 8], 16 * GIB)).toEqual({
      chunkBytes: 4 * MIB,
      bufferBytes: 4 * MIB,
      buffersPerSlot: 1,
      lanesPerSlot: 1,
      totalBytes: 64 * MIB,
      reduced: false,
    });
  });

  it('gives each part of an object on S3 that is made beside others a buffer of its own', () => {
    const plan = planOf(`
target: s3://b/
s3: {multipart: {threshold: 16MiB, parallel: 3}}
workload: [{op: put, path: x/, size_spec: 17MiB, weight: 1}]
`);
    expect(planPayloadMemory(plan, [8, 8], 16 * GIB)).toMatchObject({
      lanesPerSlot: 3,
      totalBytes: 3 * 64 * MIB,
    });
    const many = planPayloadMemory(plan, [1000], 64 * GIB);
    expect(many.bufferBytes * 3 * 1000).toBeLessThanOrEqual(512 * MIB);
  });

  it('makes smaller pieces where there are many operations in flight', () => {
    const memory = planPayloadMemory(putting('8MiB'), [1050, 1050], 64 * GIB);
    expect(memory).toMatchObject({ bufferBytes: 496 * KIB, reduced: true });
    expect(memory.bufferBytes * 1050).toBeLessThanOrEqual(512 * MIB);
  });

  it('leaves three quarters of a small host to others', () => {
    const { bufferBytes, totalBytes } = planPayloadMemory(putting('8MiB'), [64, 64], GIB);
    expect(bufferBytes).toBe(2 * MIB);
    expect(totalBytes).toBe(GIB / 4);
  });

  it('takes a distribution by its largest object', () => {
    const lognormal = putting('{type: lognormal, mean: 64KiB, std_dev: 64KiB}');
    expect(planPayloadMemory(lognormal, [1], 64 * GIB).bufferBytes).toBe(4 * MIB);
  });

  it('needs next to nothing for what is not written', () => {
    const reading = planOf(`
target: "null:"
prepare: {ensure_objects: [{count: 1, size_spec: 1GiB}]}
workload: [{op: get, path: "prepared-*", weight: 1}]
distributed: {stages: [{name: read, order: 1, type: execute}]}
`);
    expect(planPayloadMemory(reading, [1000], 16 * GIB).totalBytes).toBe(1000 * 4096);
  });

  it('gives large objects on direct:// two buffers, of which one is written while the other is filled', () => {
    const direct = (size: string) =>
      planOf(
        `target: "direct:///x/"\nworkload: [{op: put, path: x/, size_spec: ${size}, weight: 1}]`,
      );
    expect(planPayloadMemory(direct('9MiB'), [1, 1], 16 * GIB)).toMatchObject({
      ...{ bufferBytes: 4 * MIB, buffersPerSlot: 2, totalBytes: 16 * MIB },
    });
    expect(planPayloadMemory(direct('4MiB'), [1, 1], 16 * GIB)).toMatchObject({
      ...{ bufferBytes: 4 * MIB, buffersPerSlot: 1, totalBytes: 8 * MIB },
    });
    expect(planPayloadMemory(direct('9MiB'), [512, 512], 64 * GIB)).toMatchObject({
      ...{ bufferBytes: 512 * KIB, buffersPerSlot: 2, totalBytes: GIB, reduced: true },
    });
  });

  it('counts the buffers that files are read into, at least one for each worker and endpoint', () => {
    const reading = (endpoints: readonly string[]) =>
      planOf(`
multi_endpoint: {endpoints: ${JSON.stringify(endpoints)}}
workload: [{op: get, path: "others/*", weight: 1}]`);
    const one = reading(['direct:///a/']);
    expect(planPayloadMemory(one, [1, 1], 16 * GIB)).toMatchObject({
      ...{ chunkBytes: 4 * MIB, totalBytes: 2 * (4 * MIB + 4096), reduced: false },
    });
    const three = reading(['direct:///a/', 'direct:///b/', 'direct:///c/']);
    expect(planPayloadMemory(three, [1, 1], 16 * GIB).totalBytes).toBe(2 * (12 * MIB + 4096));
    const many = planPayloadMemory(one, [1000, 1000], 64 * GIB);
    expect(many.reduced).toBe(true);
    expect(many.chunkBytes).toBeLessThan(512 * KIB);
    expect(many.totalBytes).toBeLessThanOrEqual(GIB);
    expect(() => planPayloadMemory(one, [20_000], 64 * GIB)).toThrow(
      expect.objectContaining({
        hint: 'lower concurrency, or put and get objects of less than 64 KiB',
      }),
    );
  });

  it('says how much is needed, and what to lower, when it cannot fit', () => {
    expect(() => planPayloadMemory(putting('1MiB'), [20_000, 20_000], 16 * GIB)).toThrow(
      expect.objectContaining({
        code: 'PAYLOAD_MEMORY',
        class: 'resource',
        message:
          "the payloads of 40,000 operations in flight need 2.44 GiB of memory, but 1 GiB may be used: 512 MiB per worker thread, and a quarter of the host's 16 GiB over all",
        hint: 'lower concurrency, or put objects of less than 64 KiB',
      }),
    );
  });

  it('never goes beyond the bounds, whatever the plan', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_536 }),
        fc.integer({ min: 1, max: 128 }),
        fc.integer({ min: 0, max: 10 * GIB }),
        fc.integer({ min: 128 * MIB, max: 1024 * GIB }),
        fc.constantFrom('null://', 'file:///x/', 'direct:///x/'),
        fc.boolean(),
        (slotsOfEach, workers, sizeBytes, hostBytes, target, reads) => {
          const slots = new Array<number>(workers).fill(slotsOfEach);
          const get = reads ? ', {op: get, path: "others/*", weight: 1}' : '';
          const plan = planOf(
            `target: "${target}"\nworkload: [{op: put, path: x/, size_spec: ${String(sizeBytes)}, weight: 1}${get}]`,
          );
          try {
            const memory = planPayloadMemory(plan, slots, hostBytes);
            expect(memory.bufferBytes * memory.buffersPerSlot * slotsOfEach).toBeLessThanOrEqual(
              512 * MIB,
            );
            expect(memory.totalBytes).toBeLessThanOrEqual(hostBytes / 4);
            expect(memory.bufferBytes % 4096).toBe(0);
            expect(memory.bufferBytes).toBeLessThanOrEqual(memory.chunkBytes);
          } catch (error) {
            expect(error).toMatchObject({ code: 'PAYLOAD_MEMORY' });
          }
        },
      ),
    );
  });
});
