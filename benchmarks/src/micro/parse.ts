import { ResponseParser } from '../../../packages/object-store/src/s3/http/response-parser.ts';
import type { MicroCase } from './case.ts';

const BODY_BYTES = 4096;
const CHUNKS = 16;
const FIELDS =
  'HTTP/1.1 200 OK\r\nx-amz-id-2: eftixk72aD6Ap51TnqcoF8eFidJG9Z/2mkiDFu8yU9AS1ed4OpIszj7UDNEHGran\r\n' +
  'x-amz-request-id: 318BC8BC148832E5\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\n' +
  'Last-Modified: Wed, 28 Oct 2026 07:28:00 GMT\r\nETag: "fba9dede5f27731c9771645a39863328"\r\n' +
  'Accept-Ranges: bytes\r\nContent-Type: application/octet-stream\r\nServer: AmazonS3\r\n';
const plain = Buffer.concat([
  Buffer.from(`${FIELDS}Content-Length: ${String(BODY_BYTES)}\r\n\r\n`),
  Buffer.alloc(BODY_BYTES),
]);
const chunked = Buffer.from(
  `${FIELDS}Transfer-Encoding: chunked\r\n\r\n` +
    `${BODY_BYTES.toString(16)}\r\n${'x'.repeat(BODY_BYTES)}\r\n`.repeat(CHUNKS) +
    '0\r\n\r\n',
);

/** The answer of a GET as S3 gives it, beside searching the end of its head and reading its length from a string. */
export function parseCases(): MicroCase[] {
  let bytes = 0;
  const parser = new ResponseParser({
    onHead: (status) => (bytes += status),
    onBody: (_, from, to) => (bytes += to - from),
  });
  const parse = (answer: Buffer, cut: number): void => {
    parser.start(false);
    if (cut > 0) parser.feed(answer.subarray(0, cut), 0, cut);
    parser.feed(answer, cut, answer.length);
    if (!parser.done) throw new Error(`the answer was not understood: ${String(parser.fault)}`);
  };
  const ours = (name: string, answer: Buffer, cut = 0): MicroCase['ours'] => ({
    name,
    run: (times) => {
      const before = bytes;
      for (let n = 0; n < times; n++) parse(answer, cut);
      return bytes - before;
    },
  });
  const scanPlain = {
    name: 'indexOf, toString, RegExp',
    run: (times: number) => {
      let sum = 0;
      for (let n = 0; n < times; n++) sum += headLength(plain) + lengthField(plain);
      return sum;
    },
  };
  const scanChunked = {
    name: 'the same, parseInt for each chunk',
    run: (times: number) => {
      let sum = 0;
      for (let n = 0; n < times; n++) sum += chunkBytes(chunked);
      return sum;
    },
  };
  return [
    { ours: ours('parse 4 KiB in one piece', plain), reference: scanPlain },
    { ours: ours('parse 4 KiB, its head in two', plain, 200), reference: scanPlain },
    { ours: ours('parse 16 chunks of 4 KiB', chunked), reference: scanChunked },
  ];
}

function headLength(answer: Buffer): number {
  return answer.indexOf('\r\n\r\n') + 4;
}

function lengthField(answer: Buffer): number {
  const head = answer.toString('latin1', 0, headLength(answer));
  return Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
}

function chunkBytes(answer: Buffer): number {
  let sum = 0;
  for (let at = headLength(answer); ;) {
    const lineEnd = answer.indexOf('\r\n', at);
    const bytes = parseInt(answer.toString('latin1', at, lineEnd), 16);
    if (bytes === 0) return sum;
    sum += bytes;
    at = lineEnd + 2 + bytes + 2;
  }
}
