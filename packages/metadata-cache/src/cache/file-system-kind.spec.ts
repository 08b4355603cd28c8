import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { fileSystemKind, mountTypeOf, networkFileSystem } from './file-system-kind.ts';

const MOUNTS = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:40 / /mnt/data\\040set rw - nfs4 server:/export rw
41 22 0:41 / /mnt/remote rw - fuse.sshfs me@host:/ rw
42 41 0:42 / /mnt/remote/local rw - fuse.fuse-overlayfs overlay rw
`;

describe('networkFileSystem()', () => {
  it.each([
    [0x6969, 'nfs4', 'NFS'],
    [0xff53_4d42, 'cifs', 'CIFS'],
    [-0x01ac_b2be, 'smb3', 'SMB'],
    [0x0bd0_0bd0, 'lustre', 'Lustre'],
    [0x4750_4653, 'gpfs', 'GPFS'],
    [0x00c3_6400, 'ceph', 'CephFS'],
    [0, 'wekafs', 'wekafs'],
    [0x6573_5546, 'fuse.sshfs', 'fuse.sshfs'],
    [0x6573_5546, '', 'FUSE'],
  ])('knows %d of type "%s" as %s', (magic, mountType, name) => {
    expect(networkFileSystem({ magic, mountType })).toBe(name);
  });

  it.each([
    [0xef53, 'ext4'],
    [0x5846_5342, 'xfs'],
    [0x0102_1994, 'tmpfs'],
    [0x794c_7630, 'overlay'],
    [0x6573_5546, 'fuse.fuse-overlayfs'],
    [0x6573_5546, 'fuseblk'],
  ])('takes %d of type %s for local', (magic, mountType) => {
    expect(networkFileSystem({ magic, mountType })).toBeUndefined();
  });
});

describe('mountTypeOf()', () => {
  it.each([
    ['/home/me', 'ext4'],
    ['/mnt/data set/cache', 'nfs4'],
    ['/mnt/data', 'ext4'],
    ['/mnt/remote', 'fuse.sshfs'],
    ['/mnt/remote/local/x', 'fuse.fuse-overlayfs'],
  ])('finds what %s is below', (path, type) => {
    expect(mountTypeOf(MOUNTS, path)).toBe(type);
  });
});

describe('fileSystemKind()', () => {
  it('asks the kernel about a directory', () => {
    using directory = temporaryDirectory();
    expect(fileSystemKind(directory.path).magic).not.toBe(0);
  });
});
