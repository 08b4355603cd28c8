import { createHmac, hash } from 'node:crypto';
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { RequestSigner, type SigningIdentity } from './request-signer.ts';
import { canonicalQuery, encodePath } from './uri-encode.ts';

type Pairs = readonly (readonly [string, string])[];

/** A request as the SDK hands it to its HTTP client. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

const NASTY = ['%', '%2F', '+', ' ', '/', '..', "'", '(', ')', '*', '!', '~', '&', '=', '?', '#'];
const WIDE = ['ü', '€', 'e\u0301', '日', '😀', '\u00a0', '\u007f', 'a'];

const key = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(...NASTY, ...WIDE), minLength: 1, maxLength: 30 }),
  fc.string({ unit: fc.constantFrom('%', '+', ' ', '€', '😀'), minLength: 256, maxLength: 256 }),
  fc.constantFrom('x'.repeat(1_024), '%'.repeat(1_024), ' '.repeat(1_024), '€'.repeat(341)),
);
const identity = fc.record({
  accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,32}$/),
  secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{1,80}$/),
  sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9/+=]{1,200}$/), { nil: undefined }),
});
const host = fc.constantFrom('h', 'h:9000', '127.0.0.1:80', '[::1]:9000', 'b.s3.amazonaws.com');
const region = fc.constantFrom('us-east-1', 'eu-west-3', 'cn-north-1', 'x');
const timeMs = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 0, 1) });
/** Signed fields of an operation, such as those of a checksum. */
const fields = fc
  .dictionary(
    fc.stringMatching(/^x-amz-[a-z0-9-]{1,20}$/),
    fc.stringMatching(/^[!-~]{1,20}( [!-~]{1,20}){0,2}$/),
    { maxKeys: 5 },
  )
  .map((record) => Object.entries(record));

describe('RequestSigner beside the SDK', () => {
  const query = fc
    .array(
      fc.tuple(
        // The SDK keeps parameters as keys of a plain object, which cannot have this one.
        fc.string({ minLength: 1, unit: 'grapheme' }).filter((name) => name !== '__proto__'),
        fc.string({ unit: 'grapheme' }),
      ),
      { maxLength: 4 },
    )
    .map((parameters): Pairs => [...new Map(parameters)]);
  const method = fc.constantFrom('GET', 'PUT', 'HEAD', 'DELETE', 'POST');
  const payloadHash = fc.oneof(
    fc.constantFrom('UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'),
    fc.stringMatching(/^[0-9a-f]{64}$/),
  );

  it('signs random requests as its signer does', async () => {
    const request = fc.record({
      ...{ key, query, identity, host, region, timeMs, fields, method, payloadHash },
    });
    await fc.assert(
      fc.asyncProperty(request, async (given) => {
        const { fields, host, identity, method, payloadHash, query, timeMs } = given;
        const path = `/bucket/${encodePath(given.key)}`;
        const sdk = new SignatureV4({
          credentials: identityForSdk(identity),
          region: given.region,
          service: 's3',
          sha256: Sha256,
          uriEscapePath: false,
          applyChecksum: false,
        });
        const { headers } = await sdk.sign(
          {
            method,
            protocol: 'http:',
            hostname: 'h',
            path,
            query: Object.fromEntries(query),
            headers: { ...Object.fromEntries(fields), host, 'x-amz-content-sha256': payloadHash },
          },
          { signingDate: new Date(timeMs) },
        );
        const signer = signerOf(identity, { host, region: given.region, timeMs, payloadHash });
        const head = signer.head(method, path, canonicalQuery(query), fields, payloadHash);
        expect(fieldOf(head, 'authorization')).toBe(headers['authorization']);
        if (query.length + fields.length > 0) return;
        expect(signer.usualHead(method, path)).toBe(head);
        expect(signer.usualHead(method, path)).toBe(head);
      }),
      { numRuns: 300 },
    );
  });

  const operation = fc.constantFrom('GET', 'PUT', 'HEAD', 'DELETE', 'POST', 'LIST');
  const text = fc.string({ unit: fc.constantFrom(...NASTY, ...WIDE), minLength: 1, maxLength: 30 });

  it('encodes each character as its client does', async () => {
    const client = { accessKeyId: 'id', secretAccessKey: 'secret' };
    for (let code = 1; code < 0x100; code++) {
      const key = `a${String.fromCharCode(code)}`;
      const { path } = await sentBySdk(client, 'us-east-1', { operation: 'HEAD', key, text: '' });
      expect(`/bucket/${encodePath(key)}`).toBe(path);
    }
  });

  it('sends keys and queries as its client does, with the same signature', async () => {
    const request = fc.record({ key, operation, identity, region, text });
    await fc.assert(
      fc.asyncProperty(request, async ({ identity, key, operation, region, text }) => {
        const sent = await sentBySdk(identity, region, { operation, key, text });
        const { headers, method } = sent;
        const isList = operation === 'LIST';
        const path = isList ? sent.path : `/bucket/${encodePath(key)}`;
        expect(path).toBe(sent.path);
        const payloadHash = headers['x-amz-content-sha256'] ?? '';
        const query = canonicalQuery(Object.entries(sent.query));
        const timeMs = timeOf(headers['x-amz-date'] ?? '');
        const { host = '' } = headers;
        const signer = signerOf(identity, { host, region, timeMs, payloadHash });
        const head = signer.head(method, path, query, ownFields(headers), payloadHash);
        expect(fieldOf(head, 'authorization')).toBe(headers['authorization']);
        if (isList) expect(sent.query).toMatchObject({ prefix: key, 'continuation-token': text });
      }),
      { numRuns: 200 },
    );
  });
});

function signerOf(
  identity: SigningIdentity,
  to: { host: string; region: string; timeMs: number; payloadHash: string },
): RequestSigner {
  return new RequestSigner(identity, {
    host: to.host,
    region: to.region,
    usualPayloadHash: to.payloadHash,
    extraFields: '',
    nowMs: () => to.timeMs,
  });
}

/** What the client of the SDK would send; nothing goes over a wire. */
async function sentBySdk(
  identity: SigningIdentity,
  region: string,
  { key, operation, text }: { operation: string; key: string; text: string },
): Promise<SdkRequest> {
  let sent: SdkRequest | undefined;
  const client = new S3Client({
    credentials: identityForSdk(identity),
    region,
    endpoint: 'http://h:9000',
    forcePathStyle: true,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    requestHandler: {
      handle: (request: unknown) => {
        sent = request as SdkRequest;
        return Promise.resolve({ response: { statusCode: 500, headers: {} } });
      },
    },
  });
  const object = { Bucket: 'bucket', Key: key };
  const refused = (work: Promise<unknown>): Promise<unknown> => expect(work).rejects.toBeDefined();
  switch (operation) {
    case 'GET':
      await refused(client.send(new GetObjectCommand({ ...object, Range: 'bytes=0-9' })));
      break;
    case 'PUT':
      await refused(client.send(new PutObjectCommand({ ...object, Body: text })));
      break;
    case 'HEAD':
      await refused(client.send(new HeadObjectCommand(object)));
      break;
    case 'DELETE':
      await refused(client.send(new DeleteObjectCommand(object)));
      break;
    case 'POST':
      await refused(client.send(new CreateMultipartUploadCommand(object)));
      break;
    default: {
      const page = { Bucket: 'bucket', Prefix: key, ContinuationToken: text };
      await refused(client.send(new ListObjectsV2Command(page)));
    }
  }
  client.destroy();
  if (sent === undefined) throw new TypeError('nothing was sent');
  return sent;
}

function identityForSdk({ sessionToken, ...keys }: SigningIdentity): {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
} {
  return sessionToken === undefined ? keys : { ...keys, sessionToken };
}

/** The fields that the SDK has signed beside those that every request of ours has. */
function ownFields(headers: SdkRequest['headers']): Pairs {
  const usual = ['host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'];
  const names = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1] ?? '';
  return names
    .split(';')
    .filter((name) => !usual.includes(name))
    .map((name) => [name, headers[name] ?? '']);
}

function fieldOf(head: string, name: string): string | undefined {
  return head
    .split('\r\n')
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2);
}

/** Milliseconds since 1970 of `YYYYMMDDThhmmssZ`. */
function timeOf(amzDate: string): number {
  return Date.parse(amzDate.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** The hash in the form that the SDK's signer wants. */
class Sha256 {
  readonly #key: string | ArrayBuffer | ArrayBufferView | undefined;
  readonly #pieces: Buffer[] = [];

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#key = key;
  }

  update(data: Uint8Array | string): void {
    this.#pieces.push(Buffer.from(data as Uint8Array));
  }

  digest(): Promise<Uint8Array> {
    const data = Buffer.concat(this.#pieces);
    if (this.#key === undefined) return Promise.resolve(hash('sha256', data, 'buffer'));
    return Promise.resolve(
      createHmac('sha256', this.#key as Buffer)
        .update(data)
        .digest(),
    );
  }

  reset(): void {
    this.#pieces.length = 0;
  }
}
