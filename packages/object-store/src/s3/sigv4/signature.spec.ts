import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SignedChunks, TrailingChecksum } from './body-framing.ts';
import {
  canonicalRequest,
  EMPTY_SHA256,
  sortHeaders,
  stringToSignPrefix,
} from './canonical-request.ts';
import { RequestSigner } from './request-signer.ts';
import { SigningKey } from './signing-key.ts';
import { canonicalQuery, encodePath } from './uri-encode.ts';

const EXAMPLE = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

type Pairs = readonly (readonly [string, string])[];

/** Cases of the AWS Signature Version 4 test suite ("aws4_testsuite", archived with the General Reference). */
const SUITE: readonly (readonly [string, string, string, Pairs, Pairs, string, string])[] = [
  [
    'get-vanilla',
    'GET',
    '/',
    [],
    [],
    '',
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'get-unreserved',
    'GET',
    '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    [],
    [],
    '',
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  [
    'get-utf8',
    'GET',
    '/ሴ',
    [],
    [],
    '',
    '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  ],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/',
    [
      ['Param2', 'value2'],
      ['Param1', 'value1'],
    ],
    [],
    '',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-utf8-query',
    'GET',
    '/',
    [['ሴ', 'bar']],
    [],
    '',
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'post-vanilla',
    'POST',
    '/',
    [],
    [],
    '',
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-x-www-form-urlencoded',
    'POST',
    '/',
    [],
    [['content-type', 'application/x-www-form-urlencoded']],
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
];

describe('SigV4', () => {
  it.each(SUITE)(
    'signs %s as the published test suite does',
    (_, method, path, query, headers, body, signature) => {
      const date = '20150830T123600Z';
      const request = canonicalRequest({
        method,
        path: encodePath(path),
        query: canonicalQuery(query),
        headers: sortHeaders([['host', 'example.amazonaws.com'], ['x-amz-date', date], ...headers]),
        payloadHash: hash('sha256', body, 'hex'),
      });
      const key = SigningKey.derive(EXAMPLE.secretAccessKey, '20150830', 'us-east-1', 'service');
      const prefix = stringToSignPrefix(date, '20150830/us-east-1/service/aws4_request');
      expect(key.sign(prefix + hash('sha256', request, 'hex'))).toBe(signature);
      expect(key.prepare(prefix)(hash('sha256', request, 'hex'))).toBe(signature);
    },
  );

  /** The examples of the S3 API reference, "Authenticating Requests: Using the Authorization Header". */
  it.each<[string, string, string, string, Pairs, string, string]>([
    [
      'a ranged GET',
      'GET',
      '/test.txt',
      '',
      [['range', 'bytes=0-9']],
      '',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'a PUT of a key with a dollar sign',
      'PUT',
      '/test$file.text',
      '',
      [
        ['date', 'Fri, 24 May 2013 00:00:00 GMT'],
        ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
      ],
      'Welcome to Amazon S3.',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'a query without a value',
      'GET',
      '/',
      canonicalQuery([['lifecycle', '']]),
      [],
      '',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'a listing',
      'GET',
      '/',
      canonicalQuery([
        ['prefix', 'J'],
        ['max-keys', '2'],
      ]),
      [],
      '',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('signs %s as the S3 documentation does', (_, method, key, query, headers, body, signature) => {
    const signer = new RequestSigner(
      {
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      },
      {
        host: 'examplebucket.s3.amazonaws.com',
        region: 'us-east-1',
        usualPayloadHash: EMPTY_SHA256,
        extraFields: '',
        nowMs: () => Date.UTC(2013, 4, 24),
      },
    );
    const payloadHash = hash('sha256', body, 'hex');
    expect(signatureOf(signer.head(method, encodePath(key), query, headers, payloadHash))).toBe(
      signature,
    );
  });

  /** The example of the S3 API reference: a PUT of 65 KiB in chunks of 64 KiB. */
  it('signs chunks as the S3 documentation does', () => {
    const signer = new RequestSigner(
      {
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      },
      {
        host: 's3.amazonaws.com',
        region: 'us-east-1',
        usualPayloadHash: EMPTY_SHA256,
        extraFields: '',
        nowMs: () => Date.UTC(2013, 4, 24),
      },
    );
    const chunks = new SignedChunks(66_560, 65_536);
    expect(chunks.framedBytes).toBe(66_824);
    const headers: Pairs = [
      ...chunks.headers,
      ['content-length', '66824'],
      ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
    ];
    const head = signer.head(
      'PUT',
      '/examplebucket/chunkObject.txt',
      '',
      headers,
      chunks.payloadHash,
    );
    expect(head).toContain(
      'Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    );
    chunks.start(signer.chunkSeed);
    const framing =
      chunks.before(Buffer.alloc(65_536, 'a')) +
      chunks.after(false) +
      chunks.before(Buffer.alloc(1_024, 'a')) +
      chunks.after(true);
    expect(framing).toBe(
      '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n\r\n' +
        '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n\r\n' +
        '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
    );
  });

  it.each(['crc32c', 'crc64nvme', 'sha256'] as const)(
    'announces the length of a body with %s behind it',
    (algorithm) => {
      for (const sizeBytes of [0, 1, 15, 16, 17, 4096, 10_000]) {
        const framing = new TrailingChecksum(algorithm, sizeBytes, 4096);
        let sent = sizeBytes;
        for (let at = 0; at < sizeBytes; at += 4096) {
          const piece = Buffer.alloc(Math.min(4096, sizeBytes - at));
          sent +=
            framing.before(piece).length + framing.after(at + piece.length >= sizeBytes).length;
        }
        if (sizeBytes === 0) sent = framing.end().length;
        expect(framing.framedBytes).toBe(sent);
      }
    },
  );

  it('computes once what is the same for a second, and again for the next', () => {
    let nowMs = Date.UTC(2026, 0, 1, 23, 59, 59, 500);
    const options = {
      host: 'h',
      region: 'r',
      usualPayloadHash: 'UNSIGNED-PAYLOAD',
      extraFields: '',
      nowMs: () => nowMs,
    };
    const signer = new RequestSigner(EXAMPLE, options);
    const first = signer.usualHead('GET', '/b/k');
    nowMs += 499;
    expect(signer.usualHead('GET', '/b/k')).toBe(first);
    nowMs += 1;
    const next = signer.usualHead('GET', '/b/k');
    expect(next).toContain('20260102T000000Z');
    expect(next).toBe(new RequestSigner(EXAMPLE, options).usualHead('GET', '/b/k'));
  });
});

function signatureOf(text: string): string {
  return /Signature=([0-9a-f]{64})/.exec(text)?.[1] ?? '';
}
