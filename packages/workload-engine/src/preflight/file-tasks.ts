import { statfsSync, statSync } from 'node:fs';
import { checkDirectory } from './check-directory.ts';
import type { Checklist } from './checklist.ts';
import type { FileUses } from './file-places.ts';
import { type NearestDirectory, nearestDirectory } from './nearest-directory.ts';
import type { ProbeOwner } from './probe-names.ts';

/** What is asked of a file system, at one path: everything that calls into it, and nothing else, so that a thread can do it. */
export type FileTask =
  /** Look for the directory at the path, or the nearest above it. */
  | { readonly type: 'find'; readonly path: string }
  /** Check a directory that is there. */
  | {
      readonly type: 'check';
      readonly path: string;
      readonly uses: FileUses;
      readonly owner: ProbeOwner;
    }
  /** Count which of some objects below the path are there. */
  | {
      readonly type: 'count';
      readonly path: string;
      /** Keys of objects, pool by pool. */
      readonly keys: readonly (readonly string[])[];
    }
  /** Ask for the room of the file system that a directory lies on. */
  | { readonly type: 'measure'; readonly path: string };

/** What comes of the tasks. */
export interface FileResults {
  readonly find: NearestDirectory;
  readonly check: 'checked';
  readonly count: PresentObjects;
  readonly measure: FreeRoom;
}

/** What is there below a path. */
export interface PresentObjects {
  /** Number of the file system. */
  readonly device: number;
  /** The directory at the path, or the nearest above it. */
  readonly directory: string;
  /** How many of the objects that were asked for, pool by pool. */
  readonly counts: readonly number[];
}

/** Room of a file system that this user may fill. */
export interface FreeRoom {
  readonly bytes: number;
  /** Undefined where inodes are made as they are needed. */
  readonly inodes: number | undefined;
}

/**
 * Carries out a task with calls that block. What it finds it reports.
 *
 * @returns undefined when it failed, which is a finding then
 */
export async function carryOut(
  task: FileTask,
  checks: Checklist,
): Promise<FileResults[FileTask['type']] | undefined> {
  const { path } = task;
  let result: FileResults[FileTask['type']] | undefined;
  switch (task.type) {
    case 'find':
      await checks.attempt('stat', () => {
        result = nearestDirectory(path);
      });
      return result;
    case 'check':
      await checkDirectory(path, task.uses, task.owner, checks);
      return 'checked';
    case 'count':
      await checks.attempt('disk-space', () => {
        result = countPresent(path, task.keys);
      });
      return result;
    case 'measure':
      await checks.attempt('disk-space', () => {
        result = measureRoom(path, checks);
      });
      return result;
  }
}

function countPresent(path: string, keys: readonly (readonly string[])[]): PresentObjects {
  const { directory } = nearestDirectory(path);
  const isThere = (key: string): boolean =>
    statSync(path + key, { throwIfNoEntry: false }) !== undefined;
  return {
    device: statSync(directory).dev,
    directory,
    counts: keys.map((ofPool) => ofPool.filter(isThere).length),
  };
}

function measureRoom(directory: string, checks: Checklist): FreeRoom | undefined {
  try {
    const { bavail, bsize, ffree, files } = statfsSync(directory);
    // Many file systems make inodes as they need them, and tell of none.
    return { bytes: bavail * bsize, inodes: files > 0 ? ffree : undefined };
  } catch (error) {
    checks.warn('disk-space', error);
    return undefined;
  }
}
