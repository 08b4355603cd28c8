import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resetSocket } from './reset-socket.ts';

let server: Server;
let socket: Socket;
let other: Socket;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  [other] = (await accepted) as [Socket];
});
afterEach(async () => {
  other.destroy();
  server.close();
  await once(server, 'close');
});

describe('resetSocket', () => {
  it('resets a connection', async () => {
    const error = once(other, 'error');
    resetSocket(socket);
    expect(await error).toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
  });

  it('closes one whose end is under way', async () => {
    const closed = once(socket, 'close');
    socket.end();
    resetSocket(socket);
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});
