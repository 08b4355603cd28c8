import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ExitCode } from '@sai3bench/errors';
import { CERTIFICATE, temporaryDirectory } from '@sai3bench/testing';
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

  it('misbehaves as it is told', async () => {
    const program = start(
      ...['--port', '0', '--bucket', 'one', '--anonymous', '--fault'],
      '{"match": {"operation": "HeadBucket", "times": 1}, "fault": {"kind": "error", "code": "SlowDown"}}',
    );
    const [, url = ''] = /listening on (\S+),/.exec(await program.listening) ?? [];
    expect((await fetch(`${url}/one`, { method: 'HEAD' })).status).toBe(503);
    expect((await fetch(`${url}/one`, { method: 'HEAD' })).status).toBe(200);
    program.stop(0);
    expect(await program.ended).toBe(0);
  });

  it('serves https with a certificate', async () => {
    using directory = temporaryDirectory();
    const cert = join(directory.path, 'cert.pem');
    const key = join(directory.path, 'key.pem');
    writeFileSync(cert, CERTIFICATE.cert);
    writeFileSync(key, CERTIFICATE.key);
    const program = start('--port', '0', '--tls-cert', cert, '--tls-key', key);
    expect(await program.listening).toContain('listening on https://');
    program.stop(0);
    expect(await program.ended).toBe(0);
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
    [['--seed', 'x'], /--seed x is no number/],
    [['--tls-cert', 'cert.pem'], /go together/],
    [['--tls-cert', '/no/cert.pem', '--tls-key', '/no/key.pem'], /no\/cert\.pem/],
    [['--fault', '{"fault": {"kind": "sulk"}}'], /a fault cannot be understood/],
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
