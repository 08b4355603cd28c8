import { describe, expect, it } from '@jest/globals';
import type { ErrorClass } from '@sai3bench/errors';
import type { ErrorGroup } from './error-journal.ts';
import { describeFindings } from './verify-findings.ts';

function group(errorClass: ErrorClass, code: string, count: number, keys: string[]): ErrorGroup {
  return {
    ...{ operation: 'GET', endpoint: '', message: '', hint: undefined, firstAtMs: 0, lastAtMs: 0 },
    ...{ class: errorClass, code, count, keys, key: keys[0] ?? '' },
  };
}

describe('describeFindings()', () => {
  it('counts what is missing, shorter or longer, other, and unread apart, and names the first few', () => {
    const groups = [
      group('integrity', 'INTEGRITY_CONTENT', 2, ['c1', 'c2']),
      group('not-found', 'S3_NoSuchKey', 4, ['m1', 'm2', 'm3', 'm4']),
      group('network', 'S3_CONNECT', 1, ['n1']),
      group('integrity', 'INTEGRITY_LENGTH', 1, ['l1']),
      group('not-found', 'VERIFY_DELETED', 1_000, ['d1']),
    ];
    expect(describeFindings(groups)).toBe(
      '1,004 missing (m1, m2, m3, ...), 1 of another length (l1), 2 with other content (c1, c2), 1 not readable (n1)',
    );
  });
});
