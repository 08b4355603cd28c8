import { createHash, createHmac } from 'node:crypto';
import { RequestSigner } from '../../../packages/object-store/src/s3/sigv4/request-signer.ts';
import type { MicroCase } from './case.ts';

const HOST = '127.0.0.1:9000';
const REGION = 'us-east-1';
const DATE = '20260102T030405Z';
const SCOPE = `20260102/${REGION}/s3/aws4_request`;
const identity = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const SIGNED = 'host;x-amz-content-sha256;x-amz-date';
const PAYLOAD = 'UNSIGNED-PAYLOAD';
const paths = Array.from(
  { length: 1024 },
  (_, index) => `/bucket/data/prepared-${String(index * 7919).padStart(8, '0')}.dat`,
);

/** SigV4 of a GET, beside the same with createHash and createHmac and a key that was derived before. */
export function signCases(): MicroCase[] {
  const options = { host: HOST, region: REGION, usualPayloadHash: PAYLOAD, extraFields: '' };
  const signer = new RequestSigner(identity, options);
  const key = signingKey();
  return [
    {
      ours: {
        name: 'sign a GET',
        run: (times) => {
          let bytes = 0;
          for (let n = 0; n < times; n++) bytes += signer.usualHead('GET', pathAt(n)).length;
          return bytes;
        },
      },
      reference: {
        name: 'createHash, createHmac',
        run: (times) => {
          let bytes = 0;
          for (let n = 0; n < times; n++) bytes += plainHead(pathAt(n), key).length;
          return bytes;
        },
      },
    },
    {
      ours: {
        name: 'sign any request',
        run: (times) => {
          let bytes = 0;
          for (let n = 0; n < times; n++) {
            bytes += signer.head('GET', pathAt(n), '', [], PAYLOAD).length;
          }
          return bytes;
        },
      },
      reference: {
        name: 'with the key derived anew',
        run: (times) => {
          let bytes = 0;
          for (let n = 0; n < times; n++) bytes += plainHead(pathAt(n), signingKey()).length;
          return bytes;
        },
      },
    },
  ];
}

function pathAt(n: number): string {
  return paths[n % paths.length] ?? '';
}

function signingKey(): Buffer {
  let key: Buffer = Buffer.from(`AWS4${identity.secretAccessKey}`);
  for (const part of SCOPE.split('/')) key = createHmac('sha256', key).update(part).digest();
  return key;
}

function plainHead(path: string, key: Buffer): string {
  const canonical = `GET\n${path}\n\nhost:${HOST}\nx-amz-content-sha256:${PAYLOAD}\nx-amz-date:${DATE}\n\n${SIGNED}\n${PAYLOAD}`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  const signature = createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${DATE}\n${SCOPE}\n${digest}`)
    .digest('hex');
  const credential = `${identity.accessKeyId}/${SCOPE}`;
  return `GET ${path} HTTP/1.1\r\nhost: ${HOST}\r\nx-amz-content-sha256: ${PAYLOAD}\r\nx-amz-date: ${DATE}\r\nauthorization: AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${SIGNED}, Signature=${signature}\r\n`;
}
