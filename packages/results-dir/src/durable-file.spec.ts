import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { AppendFile, writeDurably } from './durable-file.ts';
import { KeptTexts } from './kept-texts.ts';

const texts = new KeptTexts();

const NODE_FLAGS = ['--conditions=@sai3bench/source', '--input-type=module'];
const MODULE = new URL('durable-file.ts', import.meta.url).href;

/** Runs statements with this module in a process whose files may not grow beyond a few blocks. */
function withFullDisk(statements: string): string {
  const script = `import { AppendFile, writeDurably } from ${JSON.stringify(MODULE)};
    try { ${statements} } catch (error) { console.log(error.code, error.cause?.code); }`;
  return execFileSync(
    'sh',
    ['-c', 'ulimit -f 4; exec "$@"', 'sh', process.execPath, ...NODE_FLAGS, '-e', script],
    { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '--no-warnings' } },
  ).trim();
}

describe('writeDurably()', () => {
  it('leaves the whole text and nothing else', () => {
    using directory = temporaryDirectory();
    const text = 'äöü\n'.repeat(100_000);
    writeDurably(join(directory.path, 'file'), texts.text(text));
    expect(readFileSync(join(directory.path, 'file'), 'utf8')).toBe(text);
    expect(readdirSync(directory.path)).toEqual(['file']);
  });

  it('leaves what was there, and no piece of the new text, when only a part can be written', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    writeFileSync(path, 'before');
    const said = withFullDisk(`writeDurably(${JSON.stringify(path)}, 'x'.repeat(1_000_000))`);
    expect(said).toBe('RESULTS_WRITE_FAILED EFBIG');
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(directory.path)).toEqual(['file']);
  });

  it('leaves nothing behind when the name is taken by a directory', () => {
    using directory = temporaryDirectory();
    mkdirSync(join(directory.path, 'file'));
    expect(() => {
      writeDurably(join(directory.path, 'file'), texts.text('text'));
    }).toThrow(expect.objectContaining({ code: 'RESULTS_WRITE_FAILED' }));
    expect(readdirSync(directory.path)).toEqual(['file']);
  });
});

describe('a file that only grows', () => {
  it('has every piece when append() returns, and takes none after its end', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    const file = new AppendFile(path);
    file.append(texts.text('a\n'));
    expect(readFileSync(path, 'utf8')).toBe('a\n');
    file.append(texts.text('b\n'));
    file.flush();
    file.close();
    file.append(texts.text('c\n'));
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
  });

  it('says when a piece can be written only in part', () => {
    using directory = temporaryDirectory();
    const path = JSON.stringify(join(directory.path, 'file'));
    expect(withFullDisk(`new AppendFile(${path}).append('x'.repeat(1_000_000))`)).toBe(
      'RESULTS_WRITE_FAILED EFBIG',
    );
  });
});

describe.each([
  ['stays open', true],
  ['does not stay open', false],
])('an AppendFile that %s', (_, staysOpen) => {
  it.each([
    ['removed', rmSync],
    ['moved', (path: string) => renameSync(path, `${path}-elsewhere`)],
  ])('notices when it is flushed that it was %s', (_, takeAway) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    const file = new AppendFile(path, undefined, staysOpen);
    file.append(texts.text('one\n'));
    file.flush();
    takeAway(path);
    expect(() => {
      file.flush();
    }).toThrow('is gone');
    file.close();
  });

  it('is not made anew by what is added to it', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    const file = new AppendFile(path, undefined, staysOpen);
    rmSync(path);
    expect(() => {
      file.append(texts.text('one\n'));
      file.ensureThere();
    }).toThrow('is gone');
    expect(readdirSync(directory.path)).toEqual([]);
    file.close();
  });
});

describe('an AppendFile that stays open', () => {
  it('notices another file in its place', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    const file = new AppendFile(path);
    rmSync(path);
    writeFileSync(path, '');
    expect(() => {
      file.flush();
    }).toThrow('replaced');
    file.close();
  });
});

describe('an AppendFile that does not stay open', () => {
  it('holds no open file between pieces, and is as long as all of them', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    const openFiles = (): number => readdirSync('/proc/self/fd').length;
    const before = openFiles();
    const files = Array.from(
      { length: 50 },
      (_, number) => new AppendFile(`${path}-${String(number)}`, undefined, false),
    );
    for (const file of files) {
      file.append(texts.text('one\n'));
      file.append(texts.text('two\n'));
      file.flush();
    }
    // Somebody else in this process may have opened one.
    expect(openFiles()).toBeLessThan(before + files.length / 2);
    expect(readFileSync(`${path}-49`, 'utf8')).toBe('one\ntwo\n');
    expect(files[49]?.sizeBytes).toBe(8);
  });

  it('keeps as much of what is there as it is told to', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    writeFileSync(path, 'kept and not kept');
    new AppendFile(path, 4, false).append(texts.text(' too'));
    expect(readFileSync(path, 'utf8')).toBe('kept too');
  });
});
