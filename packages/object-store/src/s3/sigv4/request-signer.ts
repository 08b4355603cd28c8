import { hash } from 'node:crypto';
import { amzDate } from './amz-date.ts';
import {
  canonicalRequest,
  signedHeaders,
  sortHeaders,
  stringToSignPrefix,
} from './canonical-request.ts';
import { SigningKey } from './signing-key.ts';

/** Who signs. */
export interface SigningIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What all requests to a place have in common. */
export interface SignerOptions {
  /** As in the Host field. */
  readonly host: string;
  readonly region: string;
  /** `x-amz-content-sha256` of requests of the hot path: UNSIGNED-PAYLOAD, or the hash of no bytes. */
  readonly usualPayloadHash: string;
  /** Fields that every request has and that are not signed, each with its CRLF. */
  readonly extraFields: string;
  readonly nowMs?: () => number;
}

const SERVICE = 's3';
/** Longest method and path that the fast way takes: a key of 1 024 bytes, all encoded, and a bucket. */
const MAX_FAST_BYTES = 4096;

/** A signature together with what is needed to sign the chunks of its body after it. */
export interface ChunkSeed {
  readonly key: SigningKey;
  readonly amzDate: string;
  readonly scope: string;
  readonly signature: string;
}

/**
 * Signs requests with SigV4 in the Authorization field. What is the same for all requests of a second is computed
 * once: of a usual request only method and path are new, and they are written right before the rest where it is hashed.
 *
 *     [ … unused … ][ GET\n/bucket/key ][ \n\nhost:…\n … UNSIGNED-PAYLOAD ]
 *                   ^ start             ^ MAX_FAST_BYTES
 */
export class RequestSigner {
  readonly #identity: SigningIdentity;
  readonly #options: SignerOptions;
  readonly #nowMs: () => number;
  #second = -1;
  #day = '';
  #amzDate = '';
  #scope = '';
  #key: SigningKey | undefined;
  #usual = Buffer.alloc(0);
  /** Views of `#usual` by their start: a view costs as much as writing the path. */
  #views: (Buffer | undefined)[] = [];
  #usualFields = '';
  #signUsual: (hexDigest: string) => string = () => '';

  constructor(identity: SigningIdentity, options: SignerOptions) {
    this.#identity = identity;
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /**
   * The head of a request without query and signed fields of its own, up to the line of the signature.
   *
   * @param path encoded; also the target of the request
   */
  usualHead(method: string, path: string): string {
    const key = this.#refresh();
    const line = `${method}\n${path}`;
    if (line.length > MAX_FAST_BYTES)
      return this.head(method, path, '', [], this.#options.usualPayloadHash, key);
    const start = MAX_FAST_BYTES - line.length;
    this.#usual.write(line, start, 'latin1');
    const view = (this.#views[start] ??= this.#usual.subarray(start));
    return `${method} ${path}${this.#usualFields}${this.#signUsual(hash('sha256', view, 'hex'))}\r\n`;
  }

  /** The head of any request, up to the line of the signature. `headers` are signed, besides those that always are. */
  head(
    method: string,
    path: string,
    query: string,
    headers: readonly (readonly [string, string])[],
    payloadHash: string,
    key = this.#refresh(),
  ): string {
    const all = this.#allHeaders(headers, payloadHash);
    const request = { method, path, query, headers: all, payloadHash };
    const digest = hash('sha256', canonicalRequest(request), 'hex');
    const signature = key.sign(stringToSignPrefix(this.#amzDate, this.#scope) + digest);
    this.#seed = { key, amzDate: this.#amzDate, scope: this.#scope, signature };
    const target = query === '' ? path : `${path}?${query}`;
    return `${method} ${target}${this.#fields(all)}${signature}\r\n`;
  }

  #seed: ChunkSeed | undefined;

  /** What the chunks of the body of the last `head` are signed with. */
  get chunkSeed(): ChunkSeed | undefined {
    return this.#seed;
  }

  #allHeaders(
    headers: readonly (readonly [string, string])[],
    payloadHash: string,
  ): readonly (readonly [string, string])[] {
    const { sessionToken } = this.#identity;
    return sortHeaders([
      ['host', this.#options.host],
      ['x-amz-content-sha256', payloadHash],
      ['x-amz-date', this.#amzDate],
      ...(sessionToken === undefined ? [] : [['x-amz-security-token', sessionToken] as const]),
      ...headers,
    ]);
  }

  /** From the version to the beginning of the signature. */
  #fields(sorted: readonly (readonly [string, string])[]): string {
    const lines = sorted.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const credential = `${this.#identity.accessKeyId}/${this.#scope}`;
    const names = signedHeaders(sorted);
    return (
      ` HTTP/1.1\r\n${lines}${this.#options.extraFields}` +
      `authorization: AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=`
    );
  }

  /** Computes what changes with the second and with the day. */
  #refresh(): SigningKey {
    const nowMs = this.#nowMs();
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second && this.#key !== undefined) return this.#key;
    this.#second = second;
    this.#amzDate = amzDate(nowMs);
    const day = this.#amzDate.slice(0, 8);
    const { region, usualPayloadHash } = this.#options;
    let key = this.#key;
    if (key === undefined || day !== this.#day) {
      this.#day = day;
      this.#scope = `${day}/${region}/${SERVICE}/aws4_request`;
      this.#key = key = SigningKey.derive(this.#identity.secretAccessKey, day, region, SERVICE);
    }
    const sorted = this.#allHeaders([], usualPayloadHash);
    const request = {
      method: '',
      path: '',
      query: '',
      headers: sorted,
      payloadHash: usualPayloadHash,
    };
    // Without the line feed between method and path.
    const rest = canonicalRequest(request).slice(1);
    this.#usual = Buffer.alloc(MAX_FAST_BYTES + rest.length);
    this.#usual.write(rest, MAX_FAST_BYTES, 'latin1');
    this.#views = [];
    this.#usualFields = this.#fields(sorted);
    this.#signUsual = key.prepare(stringToSignPrefix(this.#amzDate, this.#scope));
    return key;
  }
}
