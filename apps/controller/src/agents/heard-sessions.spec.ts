import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { expect, it } from '@jest/globals';
import { startLockedAgent } from '../testing/locked-agent.ts';
import { HeardSessions } from './heard-sessions.ts';

it('a connection that breaks while the next call is made already takes nothing down with it', async () => {
  const agent = await startLockedAgent({});
  const sessions = new HeardSessions(`http://${agent.address}`);
  const call = async (): Promise<ClientHttp2Stream> =>
    (await sessions.request('GET', '/', {}, {})).on('error', () => undefined);
  const stream = await call();
  const session = stream.session as ClientHttp2Session;
  const closed = new Promise((resolve) => session.once('close', resolve));
  session.destroy(new Error('PING timed out'));
  const next = await call();
  await closed;
  next.end();
  await once(next, 'response');
  expect(next.session).not.toBe(session);
  sessions.abort();
  await agent.stop();
});
