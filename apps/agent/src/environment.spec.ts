import { describe, expect, it } from '@jest/globals';
import { findMount } from './environment.ts';

const MOUNTS = `/dev/vda / ext4 rw 0 0
tmpfs /dev/shm tmpfs rw,size=1k 0 0
server:/x /mnt nfs4 rw,hard 0 0
/dev/nvme0n1 /mnt/fast\\040disk xfs rw 0 0
`;

describe('findMount()', () => {
  it.each([
    ['/data/x/', '/', 'ext4'],
    ['/dev/shm/bench/', '/dev/shm', 'tmpfs'],
    ['/mnt/a/', '/mnt', 'nfs4'],
    ['/mnt1/a/', '/', 'ext4'],
    ['/mnt/fast disk/a/', '/mnt/fast disk', 'xfs'],
  ])('finds that %s lies on %s', (path, point, type) => {
    expect(findMount(MOUNTS, path)).toMatchObject({ mount_point: point, type });
  });
});
