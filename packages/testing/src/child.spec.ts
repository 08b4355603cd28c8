import { describe, expect, it } from '@jest/globals';
import { startChild } from './child.ts';

const node = (script: string): ReturnType<typeof startChild> =>
  startChild(process.execPath, ['--eval', script]);

describe('a child process', () => {
  it('is waited for until it has printed something, on either stream', async () => {
    const child = node('console.log("one"); console.error("two"); setInterval(() => {}, 1000)');
    await child.printed('one');
    await child.printed(/t[aw]o/);
    expect(child.output()).toContain('two');
    await child.stop();
  });

  it('that ends without printing it rejects the wait with what it did print', async () => {
    const child = node('console.log("sorry"); process.exitCode = 3');
    await expect(child.printed('ready')).rejects.toThrow(/ended \(3\)[^]*sorry/);
    expect(await child.ended).toBe(3);
  });

  it('that does not print it in time rejects the wait', async () => {
    const child = node('setInterval(() => {}, 1000)');
    await expect(child.printed('ready', 1)).rejects.toThrow('in time');
    await child.stop();
  });

  it('is stopped politely, and may be stopped twice', async () => {
    const child = node(
      'process.on("SIGTERM", () => process.exit(7)); console.log("up"); setInterval(() => {}, 1000)',
    );
    await child.printed('up');
    await child.stop();
    await child.stop();
    expect(await child.ended).toBe(7);
  });
});
