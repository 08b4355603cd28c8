import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import { setEnvironment } from '../testing/environment.ts';
import { failure } from '../testing/s3-fixture.ts';

/** What the SDK would find credentials with; what is set below finds none. */
const NOWHERE: Readonly<Record<string, string | undefined>> = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_PROFILE: undefined,
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_EC2_METADATA_DISABLED: 'true',
};

describe('without credentials', () => {
  let restore = (): void => undefined;

  beforeEach(() => {
    restore = setEnvironment(NOWHERE);
  });
  afterEach(() => restore());

  it.each(['fast', 'sdk'] as const)('%s says so, and not that a request failed', async (driver) => {
    const store = await openStore('s3://127.0.0.1:1/bucket/', {
      nowNs: () => performance.now() * 1e6,
      maxInFlight: 1,
      fileMode: 'sync',
      env: { AWS_REGION: 'us-east-1' },
      s3: { transport: driver },
    });
    try {
      const error = await failure(new ObjectClient(store).put('key', Buffer.from('x')));
      expect(error.message).toBe(
        'no credentials were found for bucket "bucket" (CredentialsProviderError)',
      );
      expect(error).toMatchObject({ class: 'auth', code: 'S3_CredentialsProviderError' });
      expect(error.hint).toContain('AWS_ACCESS_KEY_ID');
    } finally {
      store.close();
    }
  });
});

describe('a name that leads nowhere', () => {
  it('is what could not be resolved, and not a request that failed', async () => {
    const store = await openStore('s3://no-such-host.invalid:9000/bucket/', {
      nowNs: () => performance.now() * 1e6,
      maxInFlight: 1,
      fileMode: 'sync',
      env: { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' },
    });
    try {
      const error = await failure(new ObjectClient(store).put('key', Buffer.from('x')));
      expect(error.message).toMatch(
        /^the name of http:\/\/no-such-host\.invalid:9000 could not be resolved \(E[A-Z_]+\)$/,
      );
      expect(error.class).toBe('network');
    } finally {
      store.close();
    }
  });
});
