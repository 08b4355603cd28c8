import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryDirectory, temporaryDirectory } from '@sai3bench/testing';
import { realPlaceOf } from './real-place.ts';
import { findRealPlaces } from './real-places.ts';

let directory: TemporaryDirectory;
let root: string;
const at = (...names: readonly string[]): string => join(root, ...names);

beforeEach(() => {
  directory = temporaryDirectory();
  root = realpathSync(directory.path);
  mkdirSync(at('bench', 'deep'), { recursive: true });
  mkdirSync(at('other'));
});
afterEach(() => {
  directory.remove();
});

describe('the place that a path leads to', () => {
  it('is the path itself where no link is on the way', async () => {
    expect(await realPlaceOf(at('bench', 'deep'))).toBe(at('bench', 'deep'));
    expect(await realPlaceOf(`${at('bench')}/`)).toBe(at('bench'));
    expect(await realPlaceOf('/')).toBe('/');
  });

  it('is where a link leads', async () => {
    symlinkSync('../other', at('bench', 'out'));
    symlinkSync(at('bench'), at('again'));
    expect(await realPlaceOf(at('bench', 'out'))).toBe(at('other'));
    expect(await realPlaceOf(at('again', 'out'))).toBe(at('other'));
  });

  it('is below the place of what is there already for what is not', async () => {
    symlinkSync('../other', at('bench', 'out'));
    expect(await realPlaceOf(at('bench', 'new', 'er'))).toBe(at('bench', 'new', 'er'));
    expect(await realPlaceOf(at('bench', 'out', 'new', 'er'))).toBe(at('other', 'new', 'er'));
  });

  it('is where a link leads to something that is not there yet', async () => {
    symlinkSync('../other/new', at('bench', 'out'));
    symlinkSync(at('bench', 'out'), at('twice'));
    expect(await realPlaceOf(at('bench', 'out', 'er'))).toBe(at('other', 'new', 'er'));
    expect(await realPlaceOf(at('twice', 'er'))).toBe(at('other', 'new', 'er'));
  });

  it('is above the place of a link, not above its name, after ".."', async () => {
    symlinkSync('../other', at('bench', 'out'));
    expect(await realPlaceOf(`${at('bench', 'out')}/../new`)).toBe(at('new'));
  });

  it('is below a file for what cannot be there', async () => {
    writeFileSync(at('file'), '');
    expect(await realPlaceOf(at('file', 'x'))).toBe(at('file', 'x'));
  });

  it('is none where links lead in a circle', async () => {
    symlinkSync('two', at('one'));
    symlinkSync('one', at('two'));
    await expect(realPlaceOf(at('one', 'x'))).rejects.toMatchObject({ code: 'ELOOP' });
  });
});

describe('findRealPlaces()', () => {
  it('tells where each path leads, or why it leads nowhere', async () => {
    symlinkSync('../other', at('bench', 'out'));
    symlinkSync('circle', at('circle'));
    const found = await findRealPlaces([at('bench', 'out', 'new'), at('circle'), at('bench')]);
    expect(new Map(found.map((each) => [each.path, each]))).toEqual(
      new Map<string, unknown>([
        [at('bench', 'out', 'new'), { path: at('bench', 'out', 'new'), place: at('other', 'new') }],
        [at('circle'), { path: at('circle'), why: expect.stringContaining('ELOOP') }],
        [at('bench'), { path: at('bench'), place: at('bench') }],
      ]),
    );
  });

  it('answers for many paths', async () => {
    const paths = Array.from({ length: 3_000 }, (_, index) => at('bench', `new-${String(index)}`));
    expect(await findRealPlaces(paths)).toHaveLength(paths.length);
  });

  it('does not wait longer than it is told for storage that does not answer', async () => {
    expect(await findRealPlaces([root], 0)).toEqual([]);
  });
});
