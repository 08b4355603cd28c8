import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { planOf, TestHost } from '../testing/run-plan.ts';

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** A server that takes every PUT, and can close what is idle. */
async function startServer(): Promise<{ address: string; hangUp: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  /** How long it keeps what is idle; 0 for ever. */
  const keepAliveTimeout = 0;
  const server = createServer({ keepAliveTimeout }, (request, response) => {
    request.resume();
    response.writeHead(200, { ETag: '"x"', 'Content-Length': '0' }).end();
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    hangUp: async () => {
      const closed = [...sockets].map((socket) => once(socket.end(), 'close'));
      await Promise.all(closed);
    },
  };
}

describe('an execute stage', () => {
  it('makes the connections anew that the server has closed meanwhile, before its clock starts', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = process.env['AWS_SECRET_ACCESS_KEY'] = 'x';
    undo.push(() => {
      delete process.env['AWS_ACCESS_KEY_ID'];
      delete process.env['AWS_SECRET_ACCESS_KEY'];
    });
    const { address, hangUp } = await startServer();
    const plan = planOf(`
target: s3://${address}/bucket/
concurrency: 4
duration: 300ms
workload: [{op: put, path: some/, object_size: 1KiB, weight: 1}]
`);
    const host = new TestHost(plan, 2);
    undo.push(() => host.kill());
    await host.open();
    await hangUp();
    const record = (await host.runStages()).at(-1);
    expect(record?.stats.ofOperation('PUT').operations).toBeGreaterThan(0);
    expect(record?.stats.times('PUT').connectNs).toBe(0);
    await host.close();
  });
});
