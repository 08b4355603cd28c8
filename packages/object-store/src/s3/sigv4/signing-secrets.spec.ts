import { describe, expect, it } from '@jest/globals';
import { CredentialsSource } from './credentials.ts';
import { signingSecrets } from './signing-secrets.ts';

const texts = (): string[] => signingSecrets().map((secret) => secret.expose());

describe('the secrets that a thread signs with', () => {
  it('are those of the credentials that it was given, once, without who it is', async () => {
    const keys = { accessKeyId: 'WHO', secretAccessKey: 'the-key', sessionToken: 'the-token' };
    const source = new CredentialsSource(() => Promise.resolve(keys));
    await source.get();
    await new CredentialsSource(() => Promise.resolve(keys)).get();
    expect(texts()).toEqual(['the-key', 'the-token']);
  });

  it('are not forgotten at once when there are fresh ones, and do not become more and more', async () => {
    for (let number = 0; number < 100; number++) {
      const keys = { accessKeyId: 'WHO', secretAccessKey: `key-${String(number)}` };
      await new CredentialsSource(() => Promise.resolve(keys)).get();
    }
    expect(texts()).toHaveLength(16);
    expect(texts().slice(-2)).toEqual(['key-98', 'key-99']);
  });

  it('are none where there are no credentials', async () => {
    const before = texts();
    const none = new CredentialsSource(() => Promise.reject(new RangeError('none')));
    await expect(none.get()).rejects.toThrow('none');
    expect(texts()).toEqual(before);
  });
});
