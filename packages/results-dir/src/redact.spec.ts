import { describe, expect, it } from '@jest/globals';
import { redact } from './redact.ts';

describe('redact()', () => {
  it.each([
    ['secret_access_key: abc123', 'secret_access_key: ***'],
    ['  password: "hunter2"  # old', '  password: "***"  # old'],
    ['# AWS_SECRET_ACCESS_KEY=abc/12+3', '# AWS_SECRET_ACCESS_KEY=***'],
    ['{token: abc, target: s3://b/}', '{token: ***, target: s3://b/}'],
    ['api-key = xyz', 'api-key = ***'],
    ['s3://user:pass@host/b/', 's3://***@host/b/'],
    ['http://h/b?X-Amz-Signature=ab12&x=1', 'http://h/b?X-Amz-Signature=***&x=1'],
  ])('hides the secret in %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it('leaves everything else as it is', () => {
    const yaml =
      'target: s3://bucket/path/\nworkload:\n  - {op: get, path: "data/*", weight: 1}  # keys\n';
    expect(redact(yaml)).toBe(yaml);
  });
});
