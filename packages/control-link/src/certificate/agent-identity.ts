import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { BenchError, systemCode } from '@sai3bench/errors';
import { makeDirectories } from '@sai3bench/store-uri';
import { readBoundedFile } from '../bounded-file.ts';
import { controlHome } from '../control-home.ts';
import { readPrivateFile } from '../private-file.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type KeyPair, makeSelfSigned } from './self-signed.ts';

/** By what one end of a TLS connection is known. */
export interface Identity extends KeyPair {
  /** SHA-256, as OpenSSL prints it. */
  readonly fingerprint: string;
  /** Whether it was made just now. */
  readonly isNew: boolean;
  readonly path: string;
}

const DAY_MS = 86_400_000;
/** The bundle of all authorities that a system trusts has a quarter of that. */
const MOST_PEM_BYTES = 1024 * 1024;

/**
 * The certificate that an agent shows when it was given none: made on the first start, kept for all later ones in a file
 * that only its user can read.
 *
 * @throws BenchError `IDENTITY_UNWRITABLE` when it can neither be read nor made, and what {@link checkPair} throws
 */
export function ownIdentity(
  env: Readonly<Record<string, string | undefined>>,
  now: Date,
): Identity {
  const path = join(controlHome(env), 'agent.pem');
  const kept = readPrivateFile(path, "the agent's key");
  if (kept !== undefined) return identityOf({ cert: kept, key: kept }, path, now, false);
  // Clocks of hosts differ; a certificate must not be from the future.
  const made = makeSelfSigned(`sai3bench-agent on ${hostname()}`, new Date(now.getTime() - DAY_MS));
  const isNew = createOnce(path, `${made.key}${made.cert}`);
  const text = readPrivateFile(path, "the agent's key") ?? '';
  return identityOf({ cert: text, key: text }, path, now, isNew);
}

/**
 * A certificate and a key from files of the user's own.
 *
 * @throws BenchError `TLS_FILE` when one of them cannot be read, and what {@link checkPair} throws
 */
export function identityFromFiles(certPath: string, keyPath: string, now: Date): Identity {
  const key = readPrivateFile(keyPath, 'the key');
  if (key === undefined) throw unreadable(keyPath, 'there is no such file');
  return identityOf({ cert: readPem(certPath), key }, certPath, now, false);
}

/**
 * The certificates in a PEM file.
 *
 * @throws BenchError `TLS_FILE`, and what {@link readBoundedFile} throws
 */
export function readPem(path: string): string {
  let text: string;
  try {
    text = readBoundedFile(path, { mostBytes: MOST_PEM_BYTES }).text;
  } catch (cause) {
    if (BenchError.is(cause)) throw cause;
    throw unreadable(path, 'it cannot be read', cause);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw unreadable(path, 'it holds no certificate');
  }
  return text;
}

function identityOf(pair: KeyPair, path: string, now: Date, isNew: boolean): Identity {
  const certificate = checkPair(pair, path, now);
  return { ...pair, fingerprint: fingerprintOf(certificate), isNew, path };
}

/**
 * Looks whether a certificate and a key belong together and can be used now.
 *
 * @throws BenchError `TLS_FILE` when they cannot be understood or do not belong together, `CERTIFICATE_EXPIRED` when its
 *   time is over or has not come
 */
function checkPair({ cert, key }: KeyPair, path: string, now: Date): X509Certificate {
  let certificate: X509Certificate;
  let isPair: boolean;
  try {
    certificate = new X509Certificate(cert);
    isPair = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw unreadable(path, 'it is damaged, or not PEM', cause);
  }
  if (!isPair) throw unreadable(path, 'the certificate and the key do not belong together');
  if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) {
    throw new BenchError(
      `the certificate in ${path} is valid from ${certificate.validFrom} to ${certificate.validTo}, and it is ${now.toISOString()}`,
      {
        code: 'CERTIFICATE_EXPIRED',
        class: 'config',
        hint: 'give a certificate that is valid with --tls-cert and --tls-key, or set the clock of this host',
      },
    );
  }
  return certificate;
}

/** Makes a file that only its user can read; false when another process has made it in the meantime. */
function createOnce(path: string, text: string): boolean {
  const temporary = `${path}.${randomUUID()}`;
  try {
    makeDirectories(dirname(path), {
      mkdir: (directory) => mkdirSync(directory, 0o700),
      stat: statSync,
    });
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx', flush: true });
    try {
      linkSync(temporary, path);
      return true;
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return false;
    throw new BenchError(`cannot keep a certificate in ${path}`, {
      code: 'IDENTITY_UNWRITABLE',
      class: 'config',
      hint: 'set XDG_CONFIG_HOME to a directory that this user may write to, or give --tls-cert and --tls-key',
      cause,
    });
  }
}

function unreadable(path: string, why: string, cause?: unknown): BenchError {
  return new BenchError(`cannot use ${path}: ${why}`, {
    code: 'TLS_FILE',
    class: 'config',
    hint: 'certificates and keys are given as PEM files, the key without a passphrase',
    cause,
  });
}
