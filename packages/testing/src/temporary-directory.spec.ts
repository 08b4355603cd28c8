import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { temporaryDirectory } from './temporary-directory.ts';

it('makes a directory of its own each time and removes it with what is in it', () => {
  const [one, other] = [temporaryDirectory(), temporaryDirectory()];
  expect(one.path).not.toBe(other.path);
  writeFileSync(join(one.path, 'file'), 'text');
  one.remove();
  expect(existsSync(one.path)).toBe(false);
  expect(existsSync(other.path)).toBe(true);
  other.remove();
});
