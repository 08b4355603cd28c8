import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { abandonDatasets } from './open-dataset.ts';

/** What each test of a file has that opens datasets. */
export interface DatasetSuite {
  /** A directory of the test's own. */
  readonly path: string;
  /** An empty directory in it, for objects. */
  readonly data: string;
  /** Where caches may be made. */
  readonly cache: string;
}

/** Call it once, where a file of tests begins: before each test it makes what that has, and after it all is gone. */
export function datasetSuite(): DatasetSuite {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = temporaryDirectory();
    mkdirSync(join(directory.path, 'data'));
  });
  afterEach(async () => {
    await abandonDatasets();
    directory.remove();
  });
  return {
    get path() {
      return directory.path;
    },
    get data() {
      return join(directory.path, 'data');
    },
    get cache() {
      return join(directory.path, 'cache');
    },
  };
}
