import { describe, expect, it } from '@jest/globals';
import { asDirectoryUri, isAbsoluteUri, joinUri, pathBelow } from './join-uri.ts';

describe('joining addresses', () => {
  it.each([
    ['s3://b/x', 'data/*', 's3://b/x/data/*'],
    ['s3://b/x/', '/data/', 's3://b/x/data/'],
    ['file:///mnt/t/', '', 'file:///mnt/t/'],
    ['null:', 'data/', 'null:data/'],
  ])('puts %s and %s together', (base, path, joined) => {
    expect(joinUri(base, path)).toBe(joined);
  });

  it.each([
    ['s3://b/x/', 's3://b/x/data/o', 'data/o'],
    ['s3://b/x', 's3://b/x/', ''],
    ['s3://b/x/', 's3://b/x', ''],
    ['s3://b/x/', 's3://b/xy/o', undefined],
    ['null:', 'null:data/', 'data/'],
  ])('finds what follows %s in %s', (base, uri, path) => {
    expect(pathBelow(base, uri)).toBe(path);
  });

  it('tells addresses from relative paths', () => {
    expect(['s3://b/', 'file:///x', 'null:', 'data/', 'a:b'].map(isAbsoluteUri)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('ends directories with one slash', () => {
    expect(['s3://b', 's3://b/', 'null:'].map(asDirectoryUri)).toEqual([
      's3://b/',
      's3://b/',
      'null:',
    ]);
  });
});
