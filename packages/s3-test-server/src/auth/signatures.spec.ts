import { Agent } from 'node:https';
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import type { S3TestServer } from '../index.ts';
import { CERTIFICATE } from '@sai3bench/testing';
import {
  chunkSignature,
  sha256,
  sign,
  signedHeaders,
  trailerSignature,
} from '../testing/sign-request.ts';
import { sdk, server } from '../testing/with-server.ts';
import { DEFAULT_CREDENTIALS } from './credentials.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const TIMESTAMP = '20260102T030405Z';
const Bucket = 'bucket';
const signer = { timestamp: TIMESTAMP };

const serverAt = (options: Parameters<typeof server>[0] = {}): Promise<S3TestServer> =>
  server({ now: () => NOW, ...options });

/** Sends a request with just these headers; the answer as status and S3's code. */
async function send(
  to: S3TestServer,
  method: string,
  target: string,
  headers: Record<string, string>,
  body?: Buffer | string,
): Promise<string> {
  const response = await fetch(to.url + target, {
    method,
    headers: Object.entries(headers).filter(([name]) => name !== 'host'),
    ...(body === undefined ? {} : { body }),
  });
  const [, code = 'OK'] = /<Code>(\w+)<\/Code>/.exec(await response.text()) ?? [];
  return `${response.status} ${code}`;
}

describe('a signed request', () => {
  const tryWith = async (
    config: Parameters<typeof sdk>[1],
    options: Parameters<typeof server>[0] = {},
  ): Promise<unknown> => {
    const s3 = sdk(await server(options), config);
    return s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'x' })).then(
      () => 'OK',
      (error: unknown) => (error as Error).name,
    );
  };
  const { accessKeyId, secretAccessKey } = DEFAULT_CREDENTIALS;
  const token = { ...DEFAULT_CREDENTIALS, sessionToken: 'token' };
  const hour = 3_600_000;

  it.each([
    ['the right secret', 'OK', {}, {}],
    [
      'a wrong secret',
      'SignatureDoesNotMatch',
      { credentials: { accessKeyId, secretAccessKey: 'no' } },
      {},
    ],
    [
      'an unknown key',
      'InvalidAccessKeyId',
      { credentials: { accessKeyId: 'no', secretAccessKey } },
      {},
    ],
    ['another region', 'AuthorizationHeaderMalformed', { region: 'eu-west-1' }, {}],
    ['a clock that is late', 'RequestTimeTooSkewed', {}, { now: () => Date.now() + hour }],
    ['a clock that is early', 'RequestTimeTooSkewed', {}, { now: () => Date.now() - hour }],
    ['a clock that is off but for less', 'OK', {}, { now: () => Date.now() + 600_000 }],
    ['its session token', 'OK', { credentials: token }, { credentials: [token] }],
    ['a missing session token', 'InvalidToken', {}, { credentials: [token] }],
    ['a session token that is none', 'InvalidToken', { credentials: token }, {}],
    [
      'a token that has expired',
      'ExpiredToken',
      { credentials: token },
      { credentials: [{ ...token, expiresAtMs: 1 }] },
    ],
    [
      'a key that may only read',
      'AccessDenied',
      {},
      { credentials: [{ ...DEFAULT_CREDENTIALS, readOnly: true }] },
    ],
    [
      'the second of two keys',
      'OK',
      {},
      { credentials: [{ ...token, accessKeyId: 'other' }, DEFAULT_CREDENTIALS] },
    ],
  ])('with %s is answered %s', async (_, expected, config, options) => {
    expect(await tryWith(config, options)).toBe(expected);
  });

  it('may be unsigned where nobody looks', async () => {
    const s3 = await server({ anonymous: true });
    expect(await send(s3, 'PUT', '/bucket/key', {}, 'x')).toBe('200 OK');
    const signing = await server();
    expect(await send(signing, 'PUT', '/bucket/key', {}, 'x')).toBe('403 AccessDenied');
  });

  it('is understood as the documentation has it, whatever its path and query', async () => {
    const s3 = await serverAt();
    for (const [path, query] of [
      ['/bucket/a%20b%2Bc', ''],
      ['/bucket/%25/%E6%97%A5', ''],
      ['/bucket/~-_.', ''],
      ['/bucket', 'continuation-token=&list-type=2&prefix=a%2Fb%20%26'],
      ['/bucket', 'list-type=2&max-keys=1&prefix='],
    ] as const) {
      const headers = signedHeaders(
        { method: 'GET', path, query, headers: { host: s3.host } },
        signer,
      );
      const status = await send(s3, 'GET', query === '' ? path : `${path}?${query}`, headers);
      expect(status).toMatch(/^(404 NoSuchKey|400 InvalidArgument|200 OK)$/);
    }
  });

  it('fails when anything that it covers is changed', async () => {
    const s3 = await serverAt();
    const path = '/bucket/key';
    const headers = signedHeaders({ method: 'GET', path, headers: { host: s3.host } }, signer);
    const { authorization = '' } = headers;
    const other = { ...headers, 'x-amz-meta-a': 'b' };
    expect(await send(s3, 'GET', path, headers)).toBe('404 NoSuchKey');
    expect(await send(s3, 'DELETE', path, headers)).toBe('403 SignatureDoesNotMatch');
    expect(await send(s3, 'GET', `${path}2`, headers)).toBe('403 SignatureDoesNotMatch');
    expect(await send(s3, 'GET', `${path}?x=`, headers)).toBe('403 SignatureDoesNotMatch');
    expect(await send(s3, 'GET', path, other)).toBe('403 AccessDenied');
    const late = { ...headers, 'x-amz-date': '20260102T030406Z' };
    expect(await send(s3, 'GET', path, late)).toBe('403 SignatureDoesNotMatch');
    const yesterday = { ...headers, 'x-amz-date': '20260101T230405Z' };
    expect(await send(s3, 'GET', path, yesterday)).toBe('400 AuthorizationHeaderMalformed');
    for (const broken of ['', 'Basic abc', authorization.slice(0, -1)]) {
      const answer = await send(s3, 'GET', path, { ...headers, authorization: broken });
      expect(answer).toBe('400 AuthorizationHeaderMalformed');
    }
  });

  it('covers its body by digest, if it says one', async () => {
    const s3 = await serverAt();
    const put = (payload: string | undefined): Record<string, string> =>
      signedHeaders(
        {
          method: 'PUT',
          path: '/bucket/key',
          headers: { host: s3.host },
          ...(payload === undefined ? {} : { payload }),
        },
        signer,
      );
    expect(await send(s3, 'PUT', '/bucket/key', put(sha256('abc')), 'abc')).toBe('200 OK');
    expect(await send(s3, 'PUT', '/bucket/key', put(undefined), 'abc')).toBe('200 OK');
    expect(await send(s3, 'PUT', '/bucket/key', put(sha256('abd')), 'abc')).toBe(
      '400 XAmzContentSHA256Mismatch',
    );
    expect(await send(s3, 'PUT', '/bucket/key', put('abc'), 'abc')).toBe('400 InvalidArgument');
  });
});

describe('a body in signed chunks', () => {
  /** A PUT of two chunks, as the documentation of "transferring payload in multiple chunks" has it. */
  async function put(change: (body: string) => string, trailer = ''): Promise<string> {
    const s3 = await serverAt({ requestLog: 1 });
    const payload = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer === '' ? '' : '-TRAILER'}`;
    const parts = {
      method: 'PUT',
      path: '/bucket/key',
      payload,
      headers: {
        'content-encoding': 'aws-chunked',
        host: s3.host,
        'x-amz-content-sha256': payload,
        'x-amz-date': TIMESTAMP,
        'x-amz-decoded-content-length': '7',
        ...(trailer === '' ? {} : { 'x-amz-trailer': 'x-amz-checksum-sha256' }),
      },
    };
    const headers = signedHeaders(parts, signer);
    const signature = sign(parts, signer);
    let previous = signature.signature;
    let body = '';
    for (const chunk of ['con', 'tent', '']) {
      previous = chunkSignature(signature, TIMESTAMP, previous, chunk);
      const data = chunk === '' ? '' : `${chunk}\r\n`;
      body += `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${data}`;
    }
    if (trailer !== '') {
      const signed = trailerSignature(signature, TIMESTAMP, previous, `${trailer}\n`);
      body += `${trailer}\r\nx-amz-trailer-signature:${signed}\r\n`;
    }
    return send(s3, 'PUT', '/bucket/key', headers, change(`${body}\r\n`));
  }

  const checksum = Buffer.from(sha256('content'), 'hex').toString('base64');
  const trailer = `x-amz-checksum-sha256:${checksum}`;

  it('is taken, with and without trailers', async () => {
    expect(await put((body) => body)).toBe('200 OK');
    expect(await put((body) => body, trailer)).toBe('200 OK');
  });

  it('is refused when a chunk, a signature or a trailer is another', async () => {
    const mismatch = '403 SignatureDoesNotMatch';
    expect(await put((body) => body.replace('con', 'cat'))).toBe(mismatch);
    expect(await put((body) => body.replace(/signature=(.{60})..../, 'signature=$1beef'))).toBe(
      mismatch,
    );
    expect(await put((body) => body.replace(/chunk-signature=.*/, 'x'))).toBe('400 InvalidRequest');
    expect(
      await put(
        (body) => body.replace(/trailer-signature:..../, 'trailer-signature:beef'),
        trailer,
      ),
    ).toBe(mismatch);
    expect(await put((body) => body, `x-amz-checksum-sha256:${checksum.replace(/^./, '+')}`)).toBe(
      '400 BadDigest',
    );
    expect(await put((body) => body, 'x-amz-meta-other:1')).toBe('400 MalformedTrailerError');
  });
});

describe('a presigned request', () => {
  const path = '/bucket/key';

  function presign(to: S3TestServer, change: Record<string, string> = {}): string {
    const scope = `${TIMESTAMP.slice(0, 8)}/us-east-1/s3/aws4_request`;
    const parameters = {
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': `${DEFAULT_CREDENTIALS.accessKeyId}/${scope}`,
      'X-Amz-Date': TIMESTAMP,
      'X-Amz-Expires': '60',
      'X-Amz-SignedHeaders': 'host',
      ...change,
    };
    const query = Object.entries(parameters)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    const parts = {
      method: 'GET',
      path,
      query,
      headers: { host: to.host },
      payload: 'UNSIGNED-PAYLOAD',
    };
    return `${path}?${query}&X-Amz-Signature=${sign(parts, signer).signature}`;
  }

  it('is taken until it expires', async () => {
    let now = NOW;
    const s3 = await serverAt({ now: () => now });
    expect(await send(s3, 'GET', presign(s3), {})).toBe('404 NoSuchKey');
    now += 61_000;
    expect(await send(s3, 'GET', presign(s3), {})).toBe('403 AccessDenied');
  });

  it('is refused when it is changed or malformed', async () => {
    const s3 = await serverAt();
    const target = presign(s3);
    expect(await send(s3, 'GET', target.replace('key', 'kez'), {})).toBe(
      '403 SignatureDoesNotMatch',
    );
    for (const change of [
      { 'X-Amz-Expires': '604801' },
      { 'X-Amz-Algorithm': 'x' },
      { 'X-Amz-Credential': 'x' },
    ]) {
      expect(await send(s3, 'GET', presign(s3, change), {})).toBe(
        '400 AuthorizationQueryParametersError',
      );
    }
  });
});

it.each(['/bucket?delete=', '/bucket/key?uploadId=x', '/bucket/key?uploads='])(
  'a checksum behind the body is for content only, not for POST %s',
  async (target) => {
    const s3 = await server({ anonymous: true });
    const headers = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
    expect(await send(s3, 'POST', target, headers, '0\r\n\r\n')).toBe('400 InvalidRequest');
  },
);

it('a request over https is taken without a digest of its body', async () => {
  const started = await server({ tls: CERTIFICATE, requestLog: 1 });
  const httpsAgent = new Agent({ ca: CERTIFICATE.cert });
  const s3 = sdk(started, { requestHandler: { httpsAgent } });
  const stream = Readable.from([Buffer.from('content')]);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body: stream, ContentLength: 7 }));
  const declared = started.requests()[0]?.headers.get('x-amz-content-sha256');
  expect(declared).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER');
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'key' }));
  expect(await Body?.transformToString()).toBe('content');
});
