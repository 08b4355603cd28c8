import { ResponseParser } from './http/response-parser.ts';
import type { S3Place } from './s3-places.ts';
import { encodePath } from './sigv4/uri-encode.ts';

/** Enough for the optimising compiler; takes some ten milliseconds. */
const ROUNDS = 2_000;

const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 4\r\nConnection: keep-alive\r\nETag: "x"\r\n\r\nbody',
);

/** Code is compiled once for each thread, however many stores the thread has. */
let isWarm = false;

/** Runs what every request runs, signing and parsing, so that the first ones of a measurement are not slow. */
export function warmUpCode({ signer, target }: S3Place): void {
  if (isWarm) return;
  isWarm = true;
  const parser = new ResponseParser({ onHead: () => undefined, onBody: () => undefined });
  for (let i = 0; i < ROUNDS; i++) {
    signer.usualHead('GET', target.keyPath + encodePath(`warm-up/${String(i)}`));
    parser.start(false);
    parser.feed(ANSWER, 0, ANSWER.length);
  }
}
