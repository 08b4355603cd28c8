import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CERTIFICATE } from '@sai3bench/testing';
import { bytesInQueue } from './bytes-in-queue.ts';

/** More than the buffers of the system take. */
const LARGE_BYTES = 64 << 20;

let server: Server | undefined;
let client: Socket | undefined;

afterEach(() => {
  client?.destroy();
  server?.close();
});

describe.each([
  ['http', false],
  ['https', true],
])('bytesInQueue() over %s', (_, secure) => {
  it('falls while the other side reads on, long before the write is over', async () => {
    const accepted = new Promise<Socket>((resolve) => {
      server = secure ? createTlsServer(CERTIFICATE, resolve) : createServer(resolve);
    });
    server?.listen(0, '127.0.0.1');
    if (server !== undefined) await once(server, 'listening');
    const to = { host: '127.0.0.1', port: (server?.address() as AddressInfo).port };
    client = secure ? connectTls({ ...to, ca: CERTIFICATE.cert }) : connect(to);
    await once(client, secure ? 'secureConnect' : 'connect');
    const reader = await accepted;
    expect(bytesInQueue(client)).toBe(0);
    const write = { done: false };
    client.write(Buffer.alloc(LARGE_BYTES), () => (write.done = true));
    const atFirst = bytesInQueue(client);
    expect(atFirst).toBeGreaterThan(LARGE_BYTES / 2);
    const seen = new Set<number>();
    reader.on('data', () => undefined);
    while (!write.done) {
      await turn();
      seen.add(bytesInQueue(client));
    }
    expect(seen.size).toBeGreaterThan(10);
    expect(bytesInQueue(client)).toBe(0);
    client.destroy();
    expect(bytesInQueue(client)).toBe(0);
  });
});
