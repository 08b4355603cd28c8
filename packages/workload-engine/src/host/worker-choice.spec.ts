import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  chooseWorkers,
  MAX_WORKERS_WANTED,
  parseWorkers,
  readCpuLimits,
  usableCpus,
} from './worker-choice.ts';

describe('the number of worker threads', () => {
  it('is that of the CPUs', () => {
    const limits = { cpus: 16, allowedCpus: 16, quotaCpus: undefined };
    expect(chooseWorkers(undefined, limits)).toEqual({ workers: 16, reason: 'one for each CPU' });
  });

  it('is what is asked for, whatever the CPUs', () => {
    const limits = { cpus: 16, allowedCpus: 2, quotaCpus: 1 };
    expect(chooseWorkers(5, limits)).toEqual({ workers: 5, reason: '--workers' });
  });

  it.each([
    [{ cpus: 16, allowedCpus: 4, quotaCpus: undefined }, 4, 'affinity limits it to 4 of 16'],
    [{ cpus: 16, allowedCpus: 4, quotaCpus: 8 }, 4, 'affinity limits it to 4 of 16'],
    [{ cpus: 16, allowedCpus: 4, quotaCpus: 2 }, 2, 'the control group limits it to 2 of 16'],
    [{ cpus: 16, allowedCpus: 16, quotaCpus: 2.5 }, 2, 'control group limits it to 2.50 of 16'],
    // The system may take the quota into account itself.
    [{ cpus: 16, allowedCpus: 2, quotaCpus: 2 }, 2, 'the control group limits it to 2 of 16'],
    [{ cpus: 2, allowedCpus: 2, quotaCpus: 0.5 }, 1, 'the control group limits it to 0.50 of 2'],
    [{ cpus: 2, allowedCpus: 2, quotaCpus: 64 }, 2, 'one for each CPU'],
  ])('respects what limits the process: %j', (limits, workers, reason) => {
    const choice = chooseWorkers(undefined, limits);
    expect(choice.workers).toBe(workers);
    expect(choice.reason).toContain(reason);
  });

  it('is at least one, and never more than any limit allows', () => {
    const limits = fc.integer({ min: 1, max: 512 }).chain((cpus) =>
      fc.record({
        cpus: fc.constant(cpus),
        allowedCpus: fc.integer({ min: 1, max: cpus }),
        quotaCpus: fc.option(fc.double({ min: 0.01, max: 600, noNaN: true }), { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(limits, (each) => {
        const { workers } = chooseWorkers(undefined, each);
        expect(workers).toBeGreaterThanOrEqual(1);
        expect(workers).toBeLessThanOrEqual(Math.max(1, each.quotaCpus ?? Infinity));
        expect(workers).toBeLessThanOrEqual(each.allowedCpus);
      }),
    );
  });

  it('can be found out on this host', () => {
    const limits = readCpuLimits();
    expect(usableCpus(limits)).toBeGreaterThanOrEqual(1);
    expect(usableCpus(limits)).toBeLessThanOrEqual(limits.cpus);
  });
});

describe('--workers', () => {
  it('takes a whole number', () => {
    expect(['1', '8', String(MAX_WORKERS_WANTED)].map(parseWorkers)).toEqual([1, 8, 256]);
  });

  it.each(['0', '-1', '2.5', '', 'two', ' 2', '257', '1e2', '0x10'])('refuses "%s"', (text) => {
    expect(() => parseWorkers(text)).toThrow(
      expect.objectContaining({
        code: 'WORKERS_INVALID',
        class: 'config',
        message: `--workers must be a whole number from 1 to 256, not "${text}"`,
      }),
    );
  });
});
