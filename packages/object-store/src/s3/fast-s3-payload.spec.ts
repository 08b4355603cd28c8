import { afterEach, describe, expect, it } from '@jest/globals';
import { content, md5 } from '../testing/content.ts';
import { FaultyServer } from '../testing/faulty-server.ts';
import type { PayloadProtection } from './s3-options.ts';

const faulty = new FaultyServer();

afterEach(async () => faulty.stop());

const KIB = 1024;
const SIZES = [0, 1, 4095, 4096, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 5 * KIB * KIB + 1];

/** How each kind of protection shows in x-amz-content-sha256. */
const MODES: readonly (readonly [PayloadProtection, RegExp])[] = [
  ['unsigned', /^UNSIGNED-PAYLOAD$/],
  ['signed', /^([0-9a-f]{64}|STREAMING-AWS4-HMAC-SHA256-PAYLOAD)$/],
  ['crc32c', /^STREAMING-UNSIGNED-PAYLOAD-TRAILER$/],
  ['crc64nvme', /^STREAMING-UNSIGNED-PAYLOAD-TRAILER$/],
  ['sha256', /^STREAMING-UNSIGNED-PAYLOAD-TRAILER$/],
];

describe.each(MODES)('FastS3Store with bodies that are %s', (payload, shown) => {
  it.each(SIZES)(
    'stores %d bytes as they are, and the server finds nothing wrong',
    async (size) => {
      await faulty.start({ payload });
      const bytes = content(size);
      await faulty.client.put('body', bytes);
      const put = faulty.server.requests().at(-1);
      expect(put?.headers.get('x-amz-content-sha256')).toMatch(shown);
      expect(put?.status).toBe(200);
      expect(md5(await faulty.client.get('body'))).toBe(md5(bytes));
      expect(await faulty.client.stat('body')).toBe(size);
    },
  );
});
