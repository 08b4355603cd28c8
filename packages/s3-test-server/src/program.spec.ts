import { describe, expect, it } from '@jest/globals';
import type { ExitCode } from '@sai3bench/errors';
import { runProgram } from './program.ts';

/** A process of the program. */
function start(...argv: string[]) {
  const stop = Promise.withResolvers<ExitCode>();
  const listening = Promise.withResolvers<string>();
  const output = { out: '', error: '' };
  const ended = runProgram(argv, {
    write: (text) => {
      output.out += text;
      listening.resolve(output.out);
    },
    writeError: (text) => (output.error += text),
    stopRequested: stop.promise,
  });
  return { stop: stop.resolve, listening: listening.promise, ended, output };
}

describe('sai3bench-s3-test-server', () => {
  it('serves its buckets until it is stopped, and prints how to reach them', async () => {
    const program = start('--port', '0', '--bucket', 'one', '--bucket', 'two', '--anonymous');
    const line = await program.listening;
    const [, url = ''] = /listening on (\S+), buckets: one, two\n/.exec(line) ?? [];
    expect((await fetch(`${url}/two`, { method: 'HEAD' })).status).toBe(200);
    program.stop(143);
    expect(await program.ended).toBe(143);
    expect(program.output.out).toContain(`export AWS_ENDPOINT_URL_S3=${url}\n`);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('prints its usage', async () => {
    const program = start('--help');
    expect(await program.ended).toBe(0);
    expect(program.output.out).toContain('--bucket NAME');
  });

  it.each([
    [['--nonsense'], /nonsense/],
    [['--port', 'x'], /--port x is no port/],
    [['--port', '70000'], /no port/],
  ])('refuses %j', async (argv, message) => {
    const program = start(...argv);
    expect(await program.ended).toBe(2);
    expect(program.output.error).toMatch(message);
  });

  it('says why it cannot listen', async () => {
    const program = start('--host', '203.0.113.1', '--port', '0');
    expect(await program.ended).toBe(1);
    expect(program.output.error).toContain('cannot listen on 203.0.113.1:0');
  });
});
