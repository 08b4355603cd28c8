import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { ErrorJournal } from './error-journal.ts';

const slowDown = new BenchError('PUT failed', { code: 'S3_SlowDown', class: 'throttled' });
const denied = new BenchError('PUT denied', { code: 'S3_AccessDenied', class: 'permission' });

describe('ErrorJournal', () => {
  it('counts failures of one kind together and keeps the first of them', () => {
    const journal = new ErrorJournal();
    journal.record(slowDown, 'PUT', 'http://a', 'key-1', 1000);
    journal.record(slowDown, 'PUT', 'http://a', 'key-2', 2000);
    journal.record(denied, 'PUT', 'http://a', 'key-3', 3000);
    journal.record(slowDown, 'PUT', 'http://b', 'key-4', 4000);
    const groups = journal.groups();
    expect(groups.map(({ code, endpoint, count }) => [code, endpoint, count])).toEqual([
      ['S3_SlowDown', 'http://a', 2],
      ['S3_AccessDenied', 'http://a', 1],
      ['S3_SlowDown', 'http://b', 1],
    ]);
    expect(groups[0]).toMatchObject({ key: 'key-1', firstAtMs: 1000, lastAtMs: 2000 });
  });

  it('adds up the groups of other journals', () => {
    const [worker, host] = [new ErrorJournal(), new ErrorJournal()];
    for (let round = 0; round < 2; round++) {
      worker.record(slowDown, 'PUT', 'http://a', 'k', 1000 + round);
      for (const group of worker.take()) host.add(group);
    }
    expect(host.groups()).toMatchObject([{ count: 2, firstAtMs: 1000, lastAtMs: 1001 }]);
    expect(worker.groups()).toEqual([]);
  });

  it('tells of the earliest failure, in whatever order journals are added', () => {
    const [early, late, host] = [new ErrorJournal(), new ErrorJournal(), new ErrorJournal()];
    early.record(slowDown, 'PUT', 'http://a', 'early', 1000);
    late.record(slowDown, 'PUT', 'http://a', 'late', 2000);
    for (const group of [...late.groups(), ...early.groups()]) host.add(group);
    expect(host.groups()).toMatchObject([
      { key: 'early', count: 2, firstAtMs: 1000, lastAtMs: 2000 },
    ]);
  });

  it('stays small however many kinds there are, and loses no failure', () => {
    const journal = new ErrorJournal();
    for (let kind = 0; kind < 1000; kind++) {
      const error = new BenchError('m', { code: `CODE_${String(kind)}`, class: 'server' });
      journal.record(error, 'GET', 'http://a', 'k', 0);
    }
    const groups = journal.groups();
    expect(groups).toHaveLength(201);
    expect(groups[0]).toMatchObject({ code: 'OTHER_ERRORS', operation: 'GET', count: 800 });
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  });
});
