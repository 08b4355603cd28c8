import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { allocateTraffic, StoreRequest } from '@sai3bench/object-store';
import { Connection } from '../../../packages/object-store/src/s3/http/connection.ts';
import type { ConnectionContext } from '../../../packages/object-store/src/s3/http/connection-context.ts';
import { ResponseParser } from '../../../packages/object-store/src/s3/http/response-parser.ts';
import { TimerWheel } from '../../../packages/object-store/src/s3/http/timer-wheel.ts';
import {
  ObjectExchange,
  type ObjectOperation,
} from '../../../packages/object-store/src/s3/operations/object-exchange.ts';
import type { S3Context } from '../../../packages/object-store/src/s3/operations/s3-context.ts';
import { RetryPolicy } from '../../../packages/object-store/src/s3/retry-policy.ts';
import { s3Settings } from '../../../packages/object-store/src/s3/s3-options.ts';
import { S3Places } from '../../../packages/object-store/src/s3/s3-places.ts';
import { TrafficCounter } from '../../../packages/object-store/src/traffic/traffic-counter.ts';
import type { MicroCase } from './case.ts';

const BODY_BYTES = 4096;
const FIELDS =
  'HTTP/1.1 200 OK\r\nx-amz-request-id: 318BC8BC148832E5\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\n' +
  'ETag: "fba9dede5f27731c9771645a39863328"\r\nServer: AmazonS3\r\n';
const ANSWERS = {
  GET: Buffer.concat([
    Buffer.from(`${FIELDS}Content-Length: ${String(BODY_BYTES)}\r\n\r\n`),
    Buffer.alloc(BODY_BYTES),
  ]),
  PUT: Buffer.from(`${FIELDS}Content-Length: 0\r\n\r\n`),
};
const payload = Buffer.alloc(BODY_BYTES, 7);
const keys = Array.from(
  { length: 1024 },
  (_, index) => `data/prepared-${String(index * 7919).padStart(8, '0')}.dat`,
);

/** What a socket is told, and what it hears: nothing of it leaves the program. */
class AnsweringSocket extends EventEmitter {
  #written: (() => void) | undefined;

  write(_data: unknown, encodingOrWritten: unknown): boolean {
    this.#written =
      typeof encodingOrWritten === 'function' ? (encodingOrWritten as () => void) : undefined;
    return true;
  }

  /** The system has taken what was written. */
  taken(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  destroy(): void {
    this.#written = undefined;
  }
}

/** All that the driver does for an operation without the system, beside signing and parsing alone. */
export function exchangeCases(): MicroCase[] {
  return [
    exchangeCase('GET', 'get 4 KiB, without a system'),
    exchangeCase('PUT', 'put 4 KiB, without a system'),
  ];
}

function exchangeCase(operation: ObjectOperation & keyof typeof ANSWERS, name: string): MicroCase {
  const answer = ANSWERS[operation];
  const nowNs = (): number => performance.now() * 1e6;
  const wheel = new TimerWheel();
  const traffic = new TrafficCounter(allocateTraffic(1), 0);
  const settings = s3Settings();
  const places = new S3Places({
    uri: { scheme: 's3', endpoint: 'http://127.0.0.1:9000', bucket: 'bucket', prefix: '' },
    endpoint: { url: 'http://127.0.0.1:9000', region: 'us-east-1', pathStyle: true, source: '' },
    ...{ settings, maxConnections: 1, nowNs, wheel, traffic },
  });
  places.signAs({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' });
  const [address] = places.addresses;
  if (address === undefined) throw new Error('the place has no address');

  const socket = new AnsweringSocket();
  let receive: ((length: number, buffer: Uint8Array) => boolean) | undefined;
  const connections: ConnectionContext = {
    ...{ nowNs, wheel, traffic, keepAlive: true, connectedEvent: 'connect' },
    ...{ connectTicks: 1e3, idleTicks: 1e3, totalTicks: 1e3 },
    connect: (_, onRead) => {
      receive = onRead;
      return socket as unknown as Socket;
    },
    free: () => undefined,
    gone: () => undefined,
  };
  const connection = new Connection(connections, address, undefined);
  socket.emit('connect');
  const context: S3Context = {
    ...{ bucket: 'bucket', prefix: '', endpoint: '', payload: 'unsigned', pieceBytes: BODY_BYTES },
    ...{ nowNs, wheel, traffic, places, retry: new RetryPolicy(0) },
    dispatch: () => undefined,
    backOff: () => undefined,
    backOffOver: () => undefined,
  };
  let bytes = 0;
  const request = new StoreRequest((done) => {
    if (done.error !== undefined) throw done.error;
    bytes += done.bytes;
  });
  request.operation = operation;
  request.sizeBytes = BODY_BYTES;
  if (operation === 'PUT') request.payload = { chunk: () => payload };
  const exchange = new ObjectExchange(context, request, () => undefined);
  const once = (n: number): void => {
    request.key = keys[n % keys.length] ?? '';
    exchange.start(request, operation);
    connection.send(exchange);
    socket.taken();
    receive?.(answer.length, answer);
  };

  let parsed = 0;
  const { signer, target } = places.current;
  const parser = new ResponseParser({
    onHead: (status) => (parsed += status),
    onBody: (_, from, to) => (parsed += to - from),
  });
  return {
    ours: {
      name,
      run: (times) => {
        const before = bytes;
        for (let n = 0; n < times; n++) once(n);
        return bytes - before;
      },
    },
    reference: {
      name: 'signing and parsing alone',
      run: (times) => {
        const before = parsed;
        for (let n = 0; n < times; n++) {
          parsed += signer.usualHead(
            operation,
            target.keyPath + (keys[n % keys.length] ?? ''),
          ).length;
          parser.start(false);
          parser.feed(answer, 0, answer.length);
        }
        return parsed - before;
      },
    },
  };
}
