import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  der,
  objectIdentifier,
  sequence,
  unsignedInteger,
  utcTime,
  utf8,
} from './der.ts';

/** A certificate and its key, in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('2a8648ce3d040302'));
const COMMON_NAME = objectIdentifier('550403');
const BASIC_CONSTRAINTS = objectIdentifier('551d13');
const TRUE = Buffer.from([0x01, 0x01, 0xff]);
const VERSION_3 = der(0xa0, unsignedInteger(Buffer.from([2])));
const SERIAL_BYTES = 16;
/** What RFC 5280 says to write for "does not expire": whoever pins a certificate decides how long it holds. */
const NEVER = der(0x18, Buffer.from('99991231235959Z', 'latin1'));

/**
 * A new key (P-256) and a certificate for it that it has signed itself, without an end.
 *
 * @param name what the certificate calls its holder
 * @param notBefore since when it is valid; before 2050
 */
export function makeSelfSigned(name: string, notBefore: Date): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const holder = sequence(der(0x31, sequence(COMMON_NAME, utf8(name))));
  const notAnAuthority = sequence(BASIC_CONSTRAINTS, TRUE, der(0x04, sequence()));
  const statement = sequence(
    VERSION_3,
    unsignedInteger(randomBytes(SERIAL_BYTES)),
    ECDSA_WITH_SHA256,
    holder,
    sequence(utcTime(notBefore), NEVER),
    holder,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(notAnAuthority)),
  );
  const signature = sign('sha256', statement, privateKey);
  const certificate = sequence(statement, ECDSA_WITH_SHA256, bitString(signature));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines(certificate.toString('base64'))}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function lines(base64: string): string {
  return base64.replaceAll(/.{1,64}/g, '$&\n');
}
