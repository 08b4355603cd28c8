import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { credentialsToForward, type ForwardOptions } from './forwarded-credentials.ts';

const KEY = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'hidden-key' };
let directory: TemporaryDirectory;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function forwarded(
  options: Partial<ForwardOptions>,
  env: Record<string, string> = {},
): Record<string, string> {
  const found = credentialsToForward({ forwardCredentials: true, ...options }, env, directory.path);
  return Object.fromEntries([...found].map(([name, value]) => [name, value.expose()]));
}

describe('credentials that are forwarded', () => {
  it('are none unless they are asked for', () => {
    expect(forwarded({ forwardCredentials: false }, KEY)).toEqual({});
  });

  it('are those of the environment, and nothing else of it', () => {
    const others = { PATH: '/bin', AWS_PROFILE: 'x', AWS_CONFIG_FILE: '/tmp/x', AWS_REGION: '' };
    expect(forwarded({}, { ...KEY, ...others })).toEqual(KEY);
  });

  it('are those of a file instead, where one is named', () => {
    const file =
      '# of the cluster\nexport AWS_ACCESS_KEY_ID=AKIB\nAWS_SECRET_ACCESS_KEY="a b"\nX=1\n';
    writeFileSync(join(directory.path, 'keys.env'), file, { mode: 0o600 });
    expect(forwarded({ envFile: 'keys.env' }, KEY)).toEqual({
      AWS_ACCESS_KEY_ID: 'AKIB',
      AWS_SECRET_ACCESS_KEY: 'a b',
    });
  });

  it('do not print', () => {
    const found = credentialsToForward({ forwardCredentials: true }, KEY, directory.path);
    expect(JSON.stringify([...found])).not.toContain('hidden-key');
  });

  it.each<[string, Partial<ForwardOptions>, string]>([
    [
      'there are none',
      {},
      'there are no credentials to forward: the environment sets none of AWS_',
    ],
    ['there is no such file', { envFile: 'none.env' }, 'there is no file'],
    ['nobody asked for it', { envFile: 'x', forwardCredentials: false }, 'but none are forwarded'],
  ])('are not guessed when %s', (_, options, why) => {
    expect(() => forwarded(options)).toThrow(
      expect.objectContaining({
        code: 'FORWARD_CREDENTIALS',
        message: expect.stringContaining(why),
      }),
    );
  });

  it('are not taken from a file that others can read', () => {
    const path = join(directory.path, 'keys.env');
    writeFileSync(path, 'AWS_ACCESS_KEY_ID=AKIA\n');
    chmodSync(path, 0o644);
    expect(() => forwarded({ envFile: path })).toThrow(
      expect.objectContaining({ code: 'PRIVATE_FILE_EXPOSED', hint: `chmod 600 ${path}` }),
    );
  });
});
