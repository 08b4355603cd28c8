import { createHmac, hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INITIAL_TEXT_BYTES = 512;

/**
 * A key to sign with: HMAC-SHA256 (RFC 2104) with both pads computed beforehand, so that a signature is two one-shot
 * hashes. Node's `createHmac` costs about three times as much.
 *
 *     inner   [ key ^ ipad, 64 bytes ][ text …            ]
 *     outer   [ key ^ opad, 64 bytes ][ digest of inner, 32 ]
 */
export class SigningKey {
  #inner = Buffer.alloc(BLOCK_BYTES + INITIAL_TEXT_BYTES);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#inner.fill(0x36, 0, BLOCK_BYTES);
    this.#outer.fill(0x5c, 0, BLOCK_BYTES);
    for (let i = 0; i < DIGEST_BYTES; i++) {
      const byte = key[i] ?? 0;
      this.#inner[i] = 0x36 ^ byte;
      this.#outer[i] = 0x5c ^ byte;
    }
  }

  /**
   * The key of a day, a region and a service (SigV4, "Calculate the signature").
   *
   * @param day `YYYYMMDD`
   */
  static derive(secret: string, day: string, region: string, service: string): SigningKey {
    let key: Uint8Array = Buffer.from(`AWS4${secret}`);
    for (const part of [day, region, service, 'aws4_request']) {
      key = createHmac('sha256', key).update(part).digest();
    }
    return new SigningKey(key);
  }

  /** The signature of an ASCII text, in hexadecimal digits. */
  sign(text: string): string {
    const end = BLOCK_BYTES + text.length;
    if (end > this.#inner.length) {
      const larger = Buffer.alloc(2 * end);
      this.#inner.copy(larger, 0, 0, BLOCK_BYTES);
      this.#inner = larger;
    }
    this.#inner.write(text, BLOCK_BYTES, 'latin1');
    return this.#signInner(this.#inner.subarray(0, end));
  }

  /**
   * A signer of texts that differ only in the 64 hexadecimal digits at their end, as the texts of one second do; it
   * keeps what is common where it is hashed.
   */
  prepare(prefix: string): (hexDigest: string) => string {
    const start = BLOCK_BYTES + prefix.length;
    const inner = Buffer.alloc(start + 2 * DIGEST_BYTES);
    this.#inner.copy(inner, 0, 0, BLOCK_BYTES);
    inner.write(prefix, BLOCK_BYTES, 'latin1');
    return (hexDigest) => {
      inner.write(hexDigest, start, 'latin1');
      return this.#signInner(inner);
    };
  }

  #signInner(inner: Buffer): string {
    // As a string of bytes: a Buffer would cost twice as much as the hash.
    this.#outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', this.#outer, 'hex');
  }
}
