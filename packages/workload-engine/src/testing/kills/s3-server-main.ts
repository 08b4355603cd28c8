import { setTimeout as pause } from 'node:timers/promises';
import { startS3TestServer } from '@sai3bench/s3-test-server';

/** How often it is looked whether something was put. */
const LOOK_MS = 2;

/** What the server's process says to its parent. */
export type ServerMessage =
  | {
      readonly type: 'ready';
      /** `127.0.0.1:49152` */
      readonly host: string;
      readonly env: Readonly<Record<string, string>>;
    }
  /** Answers each message of the parent, once an object was put after it. */
  | { readonly type: 'put' };

/** An S3 server in a process of its own, so that it outlives whoever writes to it, and does not hold up the test. */
const server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
const say = (message: ServerMessage): void => {
  process.send?.(message);
};
const puts = (): number => server.stats().requests.byOperation.PutObject;

process.on('message', () => {
  void sayNextPut();
});
process.on('disconnect', () => {
  process.exit();
});
say({ type: 'ready', host: server.host, env: server.env });

async function sayNextPut(): Promise<void> {
  const before = puts();
  while (puts() === before) await pause(LOOK_MS);
  say({ type: 'put' });
}
