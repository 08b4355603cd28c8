import { hash } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CERTIFICATE } from '@sai3bench/testing';
import { ObjectClient } from '../object-client.ts';
import type { ObjectStore } from '../object-store.ts';
import { content } from '../testing/content.ts';
import { openDriver } from '../testing/driver.ts';
import { failure, S3Fixture, submit } from '../testing/s3-fixture.ts';
import { answer } from '../testing/scripted-server.ts';
import { FastS3Store } from './fast-s3-store.ts';

const ENV = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };

const s3 = new S3Fixture();
let server: Server | undefined;
let store: ObjectStore | undefined;
const sockets = new Set<Socket>();

afterEach(() => {
  s3.close();
  store?.close();
  for (const socket of sockets) socket.destroy();
  server?.close();
  server = store = undefined;
});

/** A store at a server that does with its sockets what it likes; they stay open when the client has ended. */
async function storeAt(listener: (socket: Socket) => void, secure = false): Promise<FastS3Store> {
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    listener(socket);
  };
  server = secure
    ? createTlsServer({ ...CERTIFICATE, allowHalfOpen: true }, keep)
    : createServer({ allowHalfOpen: true }, keep);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  store = await openDriver('fast', { host: `127.0.0.1:${String(port)}`, env: ENV, secure });
  if (!(store instanceof FastS3Store)) throw new TypeError('not the fast store');
  return store;
}

describe('FastS3Store and connections that end on one side', () => {
  it.each(['end', 'resetAndDestroy'] as const)(
    'connects anew after the server has ended a connection between two requests (%s)',
    async (end) => {
      const client = await s3.client(({ socket }) => {
        socket.write(answer(200, 'x'), () => setImmediate(() => socket[end]()));
        return undefined;
      });
      for (let time = 1; time <= 5; time++) {
        expect((await client.get('a')).toString()).toBe('x');
        // Some requests meet the end, some come after it.
        for (let turns = time % 3; turns > 0; turns--) await turn();
      }
    },
  );

  it('keeps an answer behind which the server ends its side at once', async () => {
    const client = await s3.client(({ socket }) => {
      socket.end(answer(200, 'whole'));
      return undefined;
    });
    for (let time = 0; time < 3; time++) expect((await client.get('a')).toString()).toBe('whole');
  });

  it('fails a PUT when the server ends its side without an answer, though it reads on', async () => {
    const fast = await storeAt((socket) => {
      socket.on('data', () => undefined);
      socket.once('data', () => socket.end());
    });
    expect(await failure(new ObjectClient(fast).put('a', content(8 << 20)))).toMatchObject({
      class: 'network',
      code: 'S3_CONNECTION_CLOSED',
    });
  });

  it('takes the answer of a server that ends its side while the body is being sent', async () => {
    const fast = await storeAt((socket) => {
      socket.on('data', () => undefined);
      socket.once('data', () =>
        socket.end(answer(507, '<Error><Code>QuotaExceeded</Code></Error>')),
      );
    });
    expect(await failure(new ObjectClient(fast).put('a', content(8 << 20)))).toMatchObject({
      class: 'resource',
      code: 'S3_QuotaExceeded',
    });
  });
});

describe.each([
  ['http', false],
  ['https', true],
])('FastS3Store over %s', (_, secure) => {
  it('does not touch a buffer that a slow server has not taken yet', async () => {
    const body = content(6_000_000);
    const received: Buffer[] = [];
    let length = 0;
    const fast = await storeAt((socket) => {
      socket.on('data', (data) => {
        received.push(data);
        length += data.length;
        const head = Buffer.concat(received.slice(0, 1)).indexOf('\r\n\r\n') + 4;
        if (length === head + body.length) socket.write(answer(200));
        // Reads a little, and then nothing for some turns, so that writes have to wait.
        socket.pause();
        void turn()
          .then(() => turn())
          .then(() => socket.resume());
      });
    }, secure);
    const buffer = Buffer.alloc(4 << 20);
    const done = await submit(fast, (request) => {
      request.operation = 'PUT';
      request.key = 'a';
      request.sizeBytes = body.length;
      request.payload = {
        chunk: (offset, bytes) => {
          buffer.fill(0xee);
          body.copy(buffer, 0, offset, offset + bytes);
          return buffer.subarray(0, bytes);
        },
      };
    });
    buffer.fill(0xee);
    expect(done.error).toBeUndefined();
    const all = Buffer.concat(received);
    const sent = all.subarray(all.indexOf('\r\n\r\n') + 4);
    expect(hash('sha256', sent)).toBe(hash('sha256', body));
  });
});
