import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { freePort } from './free-port.ts';

it('a free port is another one each time, and none that Linux hands out unless told otherwise', async () => {
  const ports = [];
  for (let time = 0; time < 100; time++) ports.push(await freePort());
  expect(new Set(ports).size).toBe(100);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

it('a free port is none that somebody listens on', async () => {
  const port = await freePort();
  const server = createServer().listen(port + 1, '127.0.0.1');
  await once(server, 'listening');
  expect(await freePort()).not.toBe(port + 1);
  server.close();
});
