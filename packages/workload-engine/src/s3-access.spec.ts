import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { s3OptionsOf } from './s3-access.ts';

const plan = {
  transport: 'fast',
  payload: 'signed',
  keepAlive: true,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
  totalTimeoutMs: 3_600_000,
} as const;

describe('how S3 is talked to', () => {
  it('is handed to the driver without what the plan leaves open', () => {
    expect(s3OptionsOf({ ...plan, region: undefined })).toEqual(plan);
  });

  it('has the contents of the files that the plan names', () => {
    using directory = temporaryDirectory();
    const caPath = join(directory.path, 'ca.pem');
    writeFileSync(caPath, 'certificate');
    expect(s3OptionsOf({ ...plan, tls: { caPath, insecure: false } })).toEqual({
      ...plan,
      tls: { ca: 'certificate', insecure: false },
    });
  });

  it('names the key of a file that cannot be read', () => {
    expect(() =>
      s3OptionsOf({ ...plan, tls: { keyPath: '/missing.pem', insecure: false } }),
    ).toThrow(
      expect.objectContaining({
        code: 'TLS_FILE',
        class: 'config',
        hint: expect.stringContaining('s3.tls.key'),
      }),
    );
  });
});
