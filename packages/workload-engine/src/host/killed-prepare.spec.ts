import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { type Kill, KilledPrepare, spreadLives } from '../testing/kills/killed-prepare.ts';
import {
  type LastingStorage,
  openLastingBucket,
  openLastingFiles,
} from '../testing/kills/lasting-storage.ts';

const KILLS = 20;
/** Of each process, how long it makes objects at most: two flushes and more. */
const LONGEST_LIFE_MS = 2_200;
const FLUSH_INTERVAL_MS = 1_000;

let directory: TemporaryDirectory;
let storage: LastingStorage | undefined;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await storage?.close();
  storage = undefined;
  directory.remove();
});

// So many objects that a fast machine needs more time for them than passes between two flushes.
describe.each([
  ['files', 120_000, async () => openLastingFiles(`${directory.path}/data`)],
  ['S3', 60_000, openLastingBucket],
] as const)('a prepare stage on %s whose process is killed at random moments', (_, count, open) => {
  it('never takes an object for created that is not there, makes again what was not written down yet, and comes to its end', async () => {
    storage = await open();
    const prepare = new KilledPrepare({ storage, directory: directory.path, objects: count });
    const kills: Kill[] = [];
    for (const lifeMs of spreadLives(KILLS, LONGEST_LIFE_MS)) {
      const kill = await prepare.kill(lifeMs);
      if (kill === undefined) continue;
      kills.push(kill);
      expect(kill.falselyCreated).toBe(0);
      expect(kill.progress).toBeGreaterThanOrEqual(0);
      expect(kill.saysSo).toBe(kill.isResumed);
    }
    const flushed = kills.filter(({ progress }) => progress > 0);
    expect(flushed).not.toEqual([]);
    // Of one process it may be more, because a flush waits for the disk.
    const isFresh = ({ overlookedMs }: Kill): boolean => overlookedMs < FLUSH_INTERVAL_MS;
    expect(flushed.filter(isFresh).length).toBeGreaterThan(flushed.length / 2);
    expect(await prepare.finish()).toEqual({ created: count, falselyCreated: 0 });
  }, 1_800_000);
});
