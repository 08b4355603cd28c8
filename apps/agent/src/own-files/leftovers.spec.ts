import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { OWNER_FILE } from './directory-owner.ts';
import { removeLeftovers } from './leftovers.ts';
import { RunFiles } from './run-files.ts';

const DAY_MS = 24 * 3_600_000;

/** A directory with the files of one run. */
function leave(
  parent: string,
  { results }: { results: boolean },
): { files: RunFiles; path: string } {
  const files = new RunFiles(parent, 'agent-1', () => undefined);
  files.addLog({ unixUs: 0, level: 'info', text: 'a line' });
  if (results) files.keepSummary(7, '{}');
  return { files, path: files.path ?? '' };
}

/** What is removed some days later, when all agents are gone or none is. */
function removed(parent: string, { days = 0, gone = true } = {}): string[] {
  const nowMs = Date.now() + days * DAY_MS;
  return removeLeftovers({ parent, nowMs, isGone: () => gone }).map(({ path }) => path);
}

describe('what runs have left', () => {
  it('is removed at once when its agent is gone and there are no results in it', () => {
    using parent = temporaryDirectory();
    const { path } = leave(parent.path, { results: false });
    expect(removed(parent.path)).toEqual([path]);
    expect(existsSync(path)).toBe(false);
  });

  it('is removed with the directory that programs of custom stages worked in, when they have left nothing', () => {
    using parent = temporaryDirectory();
    const { path } = leave(parent.path, { results: false });
    mkdirSync(join(path, 'custom'));
    expect(removed(parent.path)).toEqual([path]);
    expect(existsSync(path)).toBe(false);
  });

  it('is removed after a week when there are results in it that nobody has taken over', () => {
    using parent = temporaryDirectory();
    const { path } = leave(parent.path, { results: true });
    expect(removed(parent.path, { days: 6 })).toEqual([]);
    const nowMs = Date.now() + 8 * DAY_MS;
    expect(removeLeftovers({ parent: parent.path, nowMs, isGone: () => true })).toEqual([
      { path, owner: expect.objectContaining({ processId: process.pid }), hadResults: true },
    ]);
    expect(existsSync(path)).toBe(false);
  });

  it('is not touched while its agent may live, however old it is', () => {
    using parent = temporaryDirectory();
    leave(parent.path, { results: false });
    leave(parent.path, { results: true });
    expect(removed(parent.path, { days: 1_000, gone: false })).toEqual([]);
  });

  it('is removed after a week, though its agent lives, when the run is over', () => {
    using parent = temporaryDirectory();
    const { files, path } = leave(parent.path, { results: true });
    files.remove();
    expect(removed(parent.path, { days: 6, gone: false })).toEqual([]);
    expect(removed(parent.path, { days: 8, gone: false })).toEqual([path]);
  });

  it.each<[string, (path: string) => void]>([
    [
      'has no owner',
      (path) => {
        rmSync(join(path, OWNER_FILE));
      },
    ],
    [
      'has an owner that is no agent',
      (path) => {
        writeFileSync(join(path, OWNER_FILE), '{}');
      },
    ],
    [
      'holds what a program of a custom stage has left',
      (path) => {
        mkdirSync(join(path, 'custom', 'output'), { recursive: true });
      },
    ],
    [
      'holds a file of somebody else',
      (path) => {
        writeFileSync(join(path, 'thesis.txt'), '');
      },
    ],
    [
      'holds a directory',
      (path) => {
        mkdirSync(join(path, 'summary-1.json'));
      },
    ],
    [
      'holds a link',
      (path) => {
        symlinkSync('/etc/hosts', join(path, 'summary-1.json'));
      },
    ],
    [
      'is open to others',
      (path) => {
        chmodSync(path, 0o755);
      },
    ],
  ])('is not touched when it %s', (_, change) => {
    using parent = temporaryDirectory();
    const { path } = leave(parent.path, { results: false });
    change(path);
    expect(removed(parent.path, { days: 1_000 })).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  it('is not found behind links, under other names, or where there is no directory', () => {
    using parent = temporaryDirectory();
    using elsewhere = temporaryDirectory();
    const { path } = leave(elsewhere.path, { results: false });
    symlinkSync(path, join(parent.path, 'sai3-agent-agent-1-abcdef'));
    mkdirSync(join(parent.path, 'sai3-agent-results'));
    writeFileSync(join(parent.path, 'sai3-agent-file'), '');
    expect(removed(parent.path, { days: 1_000 })).toEqual([]);
    expect(removed(join(parent.path, 'missing'))).toEqual([]);
  });
});
