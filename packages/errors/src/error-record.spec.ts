import { describe, expect, it } from '@jest/globals';
import { BenchError } from './bench-error.ts';
import { fromErrorRecord, toErrorRecord } from './error-record.ts';
import { formatError } from './format-error.ts';

describe('error records', () => {
  it('carry everything through JSON and back', () => {
    const error = new BenchError('PUT failed', {
      code: 'STORE_DENIED',
      class: 'permission',
      hint: 'grant s3:PutObject',
      endpoint: 'http://127.0.0.1:9000',
      key: 'a/b',
      attempts: 3,
      cause: new Error('AccessDenied', { cause: new Error('request id 7') }),
    });
    const json = JSON.stringify(toErrorRecord(error));
    const back = fromErrorRecord(JSON.parse(json) as ReturnType<typeof toErrorRecord>);
    expect(formatError(back)).toBe(formatError(error));
    expect(back).toMatchObject({
      code: 'STORE_DENIED',
      class: 'permission',
      endpoint: 'http://127.0.0.1:9000',
      key: 'a/b',
      attempts: 3,
      retryable: false,
    });
  });

  it('read an unknown class from a newer peer as internal', () => {
    const record = { ...toErrorRecord(new Error('x')), class: 'quantum' as 'internal' };
    expect(fromErrorRecord(record).class).toBe('internal');
  });
});
