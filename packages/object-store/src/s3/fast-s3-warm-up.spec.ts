import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { S3Fixture, submit } from '../testing/s3-fixture.ts';
import { answer } from '../testing/scripted-server.ts';

const s3 = new S3Fixture();

afterEach(() => s3.close());

describe('FastS3Store before there is anything to do', () => {
  it('warms up as many connections as are asked for, and counts what goes over them', async () => {
    await s3.serve(() => answer(200, 'abc'));
    const fast = await s3.open({}, 8);
    await fast.warmUp(6);
    expect(fast.addresses()).toMatchObject([
      { host: '127.0.0.1', open: 6, connects: 6, requests: 0 },
    ]);
    const done = await submit(fast, (request) => (request.key = 'a'));
    expect(done.connectNs).toBe(0);
    const [
      { bytesReceived, bytesSent, requests } = { bytesReceived: 0, bytesSent: 0, requests: 0 },
    ] = fast.addresses();
    expect({ bytesReceived, requests }).toEqual({
      bytesReceived: answer(200, 'abc').length,
      requests: 1,
    });
    expect(bytesSent).toBe((s3.server.requests[0]?.head.length ?? 0) + 4);
  });

  it.each(['destroy', 'resetAndDestroy'] as const)(
    'connects anew when the server has closed what was warmed up before its first use (%s)',
    async (end) => {
      await s3.serve(() => answer(200, 'abc'));
      const fast = await s3.open({}, 2);
      await fast.warmUp(2);
      while (s3.server.sockets.size < 2) await turn();
      for (const socket of [...s3.server.sockets]) socket[end]();
      const done = await submit(fast, (request) => (request.key = 'a'));
      expect(done).toMatchObject({ error: undefined, bytes: 3, retries: 0 });
      expect(s3.server.connections).toBe(3);
    },
  );
});
