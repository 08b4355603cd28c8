import { describe, expect, it } from '@jest/globals';
import { fileSystemName } from './file-system-name.ts';

describe('fileSystemName()', () => {
  it.each([
    [0xef53, 'ext4'],
    [0x01021994, 'tmpfs'],
    [-0x6edc97c2, 'Btrfs'],
    [0x1234, 'the file system (type 0x1234)'],
  ])('of %d is %s', (type, name) => {
    expect(fileSystemName(type)).toBe(name);
  });
});
