import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { readToken, tokenRecipe } from './read-token.ts';

const [FLAG, VARIABLE, DEFAULT] = ['f'.repeat(32), 'v'.repeat(32), 'd'.repeat(32)];
let directory: TemporaryDirectory;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function write(path: string, text: string): string {
  const full = join(directory.path, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text, { mode: 0o600 });
  return full;
}
const env = (more: Record<string, string> = {}): Record<string, string> => ({
  XDG_CONFIG_HOME: directory.path,
  ...more,
});

describe('readToken()', () => {
  it('takes the named file before the environment, and that before the default place', () => {
    const file = write('elsewhere', `${FLAG}\n`);
    write('sai3bench/token', `${DEFAULT}\n`);
    const sources = [
      { file, env: env({ SAI3BENCH_TOKEN: VARIABLE }) },
      { file: undefined, env: env({ SAI3BENCH_TOKEN: VARIABLE }) },
      { file: undefined, env: env({ SAI3BENCH_TOKEN: '' }) },
    ];
    expect(sources.map((source) => readToken(source)?.expose())).toEqual([FLAG, VARIABLE, DEFAULT]);
  });

  it('is nothing where there is none', () => {
    expect(readToken({ file: undefined, env: env() })).toBeUndefined();
  });

  it('refuses a file that others can read, and says how to mend that', () => {
    const path = write('sai3bench/token', DEFAULT);
    chmodSync(path, 0o644);
    expect(() => readToken({ file: undefined, env: env() })).toThrow(
      expect.objectContaining({ code: 'PRIVATE_FILE_EXPOSED', hint: `chmod 600 ${path}` }),
    );
  });

  it('refuses a named file that is not there', () => {
    const file = join(directory.path, 'none');
    expect(() => readToken({ file, env: env() })).toThrow(
      expect.objectContaining({ code: 'TOKEN_MISSING' }),
    );
  });

  it.each(['', 'short', 'a'.repeat(31), `${'a'.repeat(20)} ${'b'.repeat(20)}`])(
    'refuses %j, which can be guessed or is not one word, without showing it',
    (text) => {
      const file = write('token', text);
      let error: unknown;
      try {
        readToken({ file, env: env() });
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({ code: 'TOKEN_WEAK' });
      if (text !== '') expect(JSON.stringify(error)).not.toContain(text);
    },
  );

  it('refuses what is no token because it has no end, or is too long', () => {
    for (const file of ['/dev/zero', write('long', 'x'.repeat(3_000_000))]) {
      expect(() => readToken({ file, env: env() })).toThrow(
        expect.objectContaining({ code: 'FILE_UNSUITABLE' }),
      );
    }
  });

  it('reads what its own recipe makes', () => {
    execFileSync('sh', ['-c', tokenRecipe(env())]);
    expect(readToken({ file: undefined, env: env() })?.expose()).toHaveLength(44);
  });
});
