import { X509Certificate } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { identityFromFiles, ownIdentity, readPem } from './agent-identity.ts';
import { makeSelfSigned } from './self-signed.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
let directory: TemporaryDirectory;
let env: Record<string, string>;

beforeEach(() => {
  directory = temporaryDirectory();
  env = { XDG_CONFIG_HOME: directory.path };
});
afterEach(() => {
  directory.remove();
});

function write(name: string, text: string, mode = 0o600): string {
  const path = join(directory.path, name);
  writeFileSync(path, text, { mode });
  return path;
}

describe("an agent's own certificate", () => {
  it('is made on the first start, where only the user can read it, and kept', () => {
    const first = ownIdentity(env, NOW);
    const second = ownIdentity(env, NOW);
    expect([first.isNew, second.isNew]).toEqual([true, false]);
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(first.path).toBe(join(directory.path, 'sai3bench', 'agent.pem'));
    expect(statSync(first.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory.path, 'sai3bench'))).toEqual(['agent.pem']);
  });

  it('is signed by its own key and has no end', () => {
    const certificate = new X509Certificate(ownIdentity(env, NOW).cert);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.validTo).toBe('Dec 31 23:59:59 9999 GMT');
    expect(certificate.subject).toContain('CN=sai3bench-agent on ');
  });

  it('is another one on every host, even for the same name', () => {
    const [one, other] = [makeSelfSigned('a', NOW), makeSelfSigned('a', NOW)];
    const [first, second] = [new X509Certificate(one.cert), new X509Certificate(other.cert)];
    expect(first.serialNumber).not.toBe(second.serialNumber);
    expect(first.verify(second.publicKey)).toBe(false);
  });

  it('is not used when others can read its key', () => {
    chmodSync(ownIdentity(env, NOW).path, 0o640);
    expect(() => ownIdentity(env, NOW)).toThrow(
      expect.objectContaining({
        code: 'PRIVATE_FILE_EXPOSED',
        hint: `chmod 600 ${join(directory.path, 'sai3bench', 'agent.pem')}`,
      }),
    );
  });

  it('is not made anew in place of a file that is damaged', () => {
    const { path } = ownIdentity(env, NOW);
    writeFileSync(path, 'nonsense');
    expect(() => ownIdentity(env, NOW)).toThrow(expect.objectContaining({ code: 'TLS_FILE' }));
    expect(readFileSync(path, 'utf8')).toBe('nonsense');
  });

  it('needs a directory that can be written to', () => {
    write('sai3bench', 'a file in the way');
    expect(() => ownIdentity(env, NOW)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(IDENTITY_UN|PRIVATE_FILE_UN)/) }),
    );
  });
});

describe('a certificate of the user', () => {
  it('is used with its key', () => {
    const pair = makeSelfSigned('mine', NOW);
    const identity = identityFromFiles(
      write('cert.pem', pair.cert, 0o644),
      write('key.pem', pair.key),
      NOW,
    );
    expect(identity.fingerprint).toBe(new X509Certificate(pair.cert).fingerprint256);
  });

  it.each([
    ['is the key of another', makeSelfSigned('other', NOW).key, 'do not belong together'],
    ['is no key', 'nonsense', 'damaged'],
  ])('is refused when the key %s', (_, key, why) => {
    const cert = write('cert.pem', makeSelfSigned('mine', NOW).cert);
    expect(() => identityFromFiles(cert, write('key.pem', key), NOW)).toThrow(
      expect.objectContaining({ code: 'TLS_FILE', message: expect.stringContaining(why) }),
    );
  });

  it('is refused when its time has not come or is over', () => {
    const pair = makeSelfSigned('mine', NOW);
    const [cert, key] = [write('cert.pem', pair.cert), write('key.pem', pair.key)];
    const early = new Date(NOW.getTime() - 86_400_000);
    expect(() => identityFromFiles(cert, key, early)).toThrow(
      expect.objectContaining({ code: 'CERTIFICATE_EXPIRED' }),
    );
  });

  it('is refused when there is no such file, or no certificate in it', () => {
    expect(() => readPem(join(directory.path, 'none'))).toThrow('cannot be read');
    expect(() => readPem(write('empty.pem', ''))).toThrow('holds no certificate');
    expect(() => identityFromFiles('x', join(directory.path, 'none'), NOW)).toThrow(
      'there is no such file',
    );
  });
});
