import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import type { SizeFile } from '@sai3bench/workload-config';
import { readSizeFiles } from './read-size-files.ts';

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

const inventory = (file: string, column?: number): SizeFile => ({
  type: 'inventory',
  file,
  column,
});

async function read(file: SizeFile) {
  const sizesOf = await readSizeFiles([file], directory.path);
  return sizesOf({ ...file });
}

const TEN_AND_TWENTY = {
  type: 'weighted',
  buckets: [
    { minBytes: 10, maxBytes: 10, upTo: 0.75 },
    { minBytes: 20, maxBytes: 20, upTo: 1 },
  ],
};

describe('readSizeFiles()', () => {
  it('reads lines that lie across the pieces in which a file comes, with either kind of end', async () => {
    const lines = Array.from(
      { length: 40_000 },
      (_, line) => `k${String(line)},${line % 4 ? 10 : 20}`,
    );
    writeFileSync(join(directory.path, 'i.csv'), lines.join('\r\n'));
    expect(await read(inventory('i.csv', 2))).toEqual(TEN_AND_TWENTY);
  });

  it('unpacks what ends with .gz', async () => {
    writeFileSync(join(directory.path, 'i.csv.gz'), gzipSync('10\n20\n10\n10\n'));
    expect(await read(inventory('i.csv.gz'))).toEqual(TEN_AND_TWENTY);
  });

  it('knows only the files that it was given', async () => {
    const sizesOf = await readSizeFiles([], directory.path);
    expect(sizesOf(inventory('i.csv'))).toBeUndefined();
  });

  it.each(['missing.csv', 'missing.csv.gz', 'broken.csv.gz', '.'])(
    'says that %s cannot be read',
    async (file) => {
      writeFileSync(join(directory.path, 'broken.csv.gz'), 'not gzip');
      await expect(read(inventory(file))).rejects.toMatchObject({ code: 'SIZES_UNREADABLE' });
    },
  );

  it('gives up on what is no table', async () => {
    writeFileSync(join(directory.path, 'x'), 'x'.repeat(2 * 1024 * 1024));
    await expect(read(inventory('x'))).rejects.toMatchObject({
      code: 'SIZES_UNREADABLE',
      hint: expect.stringContaining('too long'),
    });
  });

  it('says which line is wrong', async () => {
    writeFileSync(join(directory.path, 'i.csv'), '10\nten\n');
    await expect(read(inventory('i.csv'))).rejects.toMatchObject({
      code: 'SIZES_INVALID',
      message: expect.stringMatching(/^i\.csv:2: /),
    });
  });
});
