import { describe, expect, it } from '@jest/globals';
import type { ErrorClass } from '@sai3bench/errors';
import type { ErrorGroup } from './error-journal.ts';
import { reasonToStop } from './stop-rule.ts';

function errors(errorClass: ErrorClass, count: number): ErrorGroup[] {
  const group: ErrorGroup = {
    operation: 'PUT',
    endpoint: '',
    class: errorClass,
    code: 'X',
    message: 'm',
    hint: undefined,
    key: '',
    keys: [''],
    count,
    firstAtMs: 0,
    lastAtMs: 0,
  };
  return [group];
}

describe('reasonToStop()', () => {
  it('lets a verify stage count what is missing or wrong, and gives it up where nothing can be read', () => {
    const verify = { kind: 'verify', successes: 0 } as const;
    expect(reasonToStop({ ...verify, errors: errors('not-found', 1e6) })).toBeUndefined();
    expect(reasonToStop({ ...verify, errors: errors('integrity', 1e6) })).toBeUndefined();
    expect(reasonToStop({ ...verify, errors: errors('auth', 10) })).toMatch('none of the first 10');
  });

  describe('where the workload sets limits', () => {
    const counts = { total: 9, maxTotal: 10, mostInRow: 4, maxInRow: 5 };
    const progress = { kind: 'prepare', successes: 0, errors: errors('permission', 200) } as const;

    it('lets them alone count', () => {
      expect(reasonToStop({ ...progress, limits: counts })).toBeUndefined();
      expect(reasonToStop({ ...progress, limits: { ...counts, total: 10 } })).toBe(
        '10 operations failed, and error_handling.max_total_errors is 10',
      );
    });

    it('gives up when too many fail in a row', () => {
      expect(reasonToStop({ ...progress, limits: { ...counts, mostInRow: 5 } })).toBe(
        '5 operations failed in a row, and error_handling.max_consecutive_errors is 5',
      );
      const limits = { ...counts, mostInRow: 9, maxInRow: undefined };
      expect(reasonToStop({ ...progress, limits })).toBeUndefined();
    });
  });

  it('gives up when nothing works', () => {
    const progress = { kind: 'execute', successes: 0, errors: errors('network', 10) } as const;
    expect(reasonToStop(progress)).toBe('none of the first 10 operations succeeded');
    expect(reasonToStop({ ...progress, errors: errors('network', 9) })).toBeUndefined();
  });

  it('goes on with a measurement through errors that pass, however many', () => {
    expect(
      reasonToStop({ kind: 'execute', successes: 5, errors: errors('throttled', 1e6) }),
    ).toBeUndefined();
  });

  it('gives a measurement up when errors pile up that do not pass', () => {
    expect(reasonToStop({ kind: 'execute', successes: 5, errors: errors('permission', 100) })).toBe(
      '100 operations failed',
    );
  });

  it('gives prepare up at any pile of errors, because what it makes would be incomplete', () => {
    expect(reasonToStop({ kind: 'prepare', successes: 5, errors: errors('throttled', 100) })).toBe(
      '100 operations failed',
    );
  });

  it('gives prepare up when every operation in flight has been put off, for a minute', () => {
    const prepare = { kind: 'prepare', successes: 5, errors: [], concurrency: 16 } as const;
    const reason = (count: number, lastedMs: number): string | undefined =>
      reasonToStop({ ...prepare, putOff: { count, lastedMs } });
    expect(reason(16, 60_000)).toBe(
      'nothing succeeded for 1m 00s: 16 operations in a row failed with all their attempts',
    );
    expect(reason(15, 60_000)).toBeUndefined();
    // A server that takes as long to start again costs no object.
    expect(reason(2_000, 59_000)).toBeUndefined();
  });

  it('lets a cleanup remove what it can', () => {
    expect(
      reasonToStop({ kind: 'cleanup', successes: 5, errors: errors('permission', 1e6) }),
    ).toBeUndefined();
    const nothing = { kind: 'cleanup', successes: 0 } as const;
    // Those of a few requests may be locked.
    expect(reasonToStop({ ...nothing, errors: errors('permission', 3_000) })).toBeUndefined();
    expect(reasonToStop({ ...nothing, errors: errors('permission', 10_000) })).toMatch('none of');
  });
});
