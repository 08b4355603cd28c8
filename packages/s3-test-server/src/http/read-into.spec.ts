import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { readInto } from './read-into.ts';

it('a connection reads into the one buffer, answers, and leaves the server free to close', async () => {
  const buffer = Buffer.alloc(1_000);
  const lengths: number[] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (accepted) => {
    const socket = readInto(accepted, buffer, (bytes) => {
      expect(bytes.buffer).toBe(buffer.buffer);
      lengths.push(bytes.length);
      socket.write(bytes.subarray(0, 1));
    });
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createConnection((server.address() as AddressInfo).port, '127.0.0.1');
  client.resume().end(Buffer.alloc(5_000, 'x'));
  await once(client, 'close');
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(5_000);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(1_000);
  server.close();
  await once(server, 'close');
});

it('a connection without a handle is read by its events', async () => {
  const socket = new Socket();
  const seen: Buffer[] = [];
  expect(readInto(socket, Buffer.alloc(0), (bytes) => seen.push(bytes))).toBe(socket);
  socket.push('text');
  await new Promise(setImmediate);
  expect(Buffer.concat(seen).toString()).toBe('text');
  socket.destroy();
});
