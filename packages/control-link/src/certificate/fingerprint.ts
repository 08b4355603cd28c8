import type { X509Certificate } from 'node:crypto';
import { BenchError } from '@sai3bench/errors';

/** The SHA-256 fingerprint of a certificate, as OpenSSL prints it: `AB:CD:...`. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256;
}

/**
 * Reads fingerprints, separated by commas; colons and case do not matter.
 *
 * @throws BenchError `FINGERPRINT_INVALID`
 */
export function parseFingerprints(list: string): string[] {
  return list.split(',').map((text) => {
    const digits = text
      .trim()
      .replace(/^sha-?256[:= ]/i, '')
      .replaceAll(':', '')
      .toUpperCase();
    if (!/^[0-9A-F]{64}$/.test(digits)) {
      throw new BenchError(`"${text.trim()}" is not the SHA-256 fingerprint of a certificate`, {
        code: 'FINGERPRINT_INVALID',
        class: 'config',
        hint: 'give the 64 hexadecimal digits that the agent prints when it starts',
      });
    }
    return (digits.match(/../g) ?? []).join(':');
  });
}
