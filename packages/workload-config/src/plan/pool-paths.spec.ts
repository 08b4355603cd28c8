import { describe, expect, it } from '@jest/globals';
import type { PoolPlan } from './agent-plan.ts';
import { listedPattern, namesPool, namesPuts } from './pool-paths.ts';

function pool(naming: PoolPlan['naming'], more: Partial<PoolPlan> = {}): PoolPlan {
  return {
    store: 0,
    name: 'prepared',
    prefix: 'data/',
    location: ['s3:bucket/data/'],
    seed: '1',
    naming,
    count: 36,
    own: { begin: 0, end: 36 },
    sizes: { type: 'fixed', sizeBytes: 1 },
    fill: 'random',
    dedupFactor: 1,
    compressFactor: 1,
    ...more,
  };
}

const FLAT = pool({ type: 'flat', shards: 0 });
const SHARDED = pool({ type: 'flat', shards: 256 });
const TREE = pool({
  type: 'tree',
  width: 3,
  depth: 2,
  filesPerDirectory: 4,
  distribution: 'bottom',
  mask: 'sai3bench.d%d_w%d.dir',
});
const DELETABLE_FILES: PoolPlan = { ...TREE, name: 'deletable', prefix: 'data/deletable/' };

describe('namesPool()', () => {
  it.each([
    ['', true],
    ['*', false],
    ['**', true],
    ['data/', true],
    ['data/*', true],
    ['data/prepared-*.dat', true],
    ['*/prepared-*', true],
    ['data/prepared-0*', false],
    ['data/prepared-00000001.dat', false],
    ['data/x/', false],
    ['other/', false],
  ])('of flat objects, %j: %s', (path, named) => {
    expect(namesPool(path, FLAT)).toBe(named);
  });

  it.each([
    ['data/', true],
    ['data/*', true],
    ['data/prepared-*.dat', true],
    ['data/*/prepared-*.dat', true],
    ['data/??/prepared-*.dat', false],
    ['data/0*/prepared-*.dat', false],
    ['data/*0/prepared-*.dat', false],
    ['data/00/', false],
  ])('of sharded objects, %j: %s', (path, named) => {
    expect(namesPool(path, SHARDED)).toBe(named);
  });

  it.each([
    ['', true],
    ['data', true],
    ['data/', true],
    ['data/*', true],
    ['data/*/file_*.dat', true],
    ['*.dat', true],
    ['data/prepared-*.dat', true],
    ['data/sai3bench*', true],
    ['data/*/file_0000001*', false],
    ['data/*_w1.dir/*_w1.dir/*', false],
    ['data/sai3bench.d1_w1.dir/*', false],
    ['data/*.log', false],
    ['dat', false],
  ])('of the files of a tree, %j: %s', (path, named) => {
    expect(namesPool(path, TREE)).toBe(named);
  });

  it.each([
    'data/',
    'data/*',
    'data/sai3bench*',
    'data/prepared-*',
    'data/deletable-*',
    'data/deletable/',
    'data/deletable/sai3bench*',
  ])('of the deletable files beside a tree, %j: true', (path) => {
    expect(namesPool(path, DELETABLE_FILES)).toBe(true);
  });

  it('of the files of a tree, not by the place of the deletable ones', () => {
    expect(namesPool('data/deletable/', TREE)).toBe(false);
  });
});

describe('namesPuts()', () => {
  it.each([
    ['data/', 0, true],
    ['data/*', 0, true],
    ['*', 0, false],
    ['data/obj_*', 0, true],
    ['data/*/obj_*', 0, false],
    ['data/obj_1*', 0, false],
    ['data', 0, false],
    ['data/', 16, true],
    ['data/*', 16, true],
    ['data/obj_*', 16, true],
    ['data/*/obj_*', 16, true],
    ['data/0*/obj_*', 256, false],
    ['data/00/', 16, false],
  ])('%j, with %d shards: %s', (path, shards, named) => {
    expect(namesPuts(path, { prefix: 'data/', shards })).toBe(named);
  });
});

describe('listedPattern()', () => {
  it('lets a star stand for any number of directories in a tree, and elsewhere for none', () => {
    const path = 'data/*/file_0000001*';
    expect(listedPattern(path, [TREE])).toEqual({
      prefix: 'data/',
      pattern: '**/file_0000001**',
    });
    expect(listedPattern('data/sai3bench.d1_w1.dir/*', [TREE])?.pattern).toBe('**');
    expect(listedPattern(path, [FLAT])?.pattern).toBe('*/file_0000001*');
    expect(listedPattern('other/*', [TREE])?.pattern).toBe('*');
  });

  it('has nothing to list for one object', () => {
    expect(listedPattern('data/x', [TREE])).toBeUndefined();
  });
});
