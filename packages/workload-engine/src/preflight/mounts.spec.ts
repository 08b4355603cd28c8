import { describe, expect, it } from '@jest/globals';
import { findMount } from './mounts.ts';

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
    ['/mnt', '/mnt', 'nfs4'],
    ['/mnt/fast disk/a/', '/mnt/fast disk', 'xfs'],
  ])('finds that %s lies on %s', (path, point, type) => {
    expect(findMount(MOUNTS, path)).toMatchObject({ point, type });
  });

  it('takes the last of several at one point, which hides the others', () => {
    const twice = `${MOUNTS}other:/y /mnt nfs4 ro 0 0\n`;
    expect(findMount(twice, '/mnt/a/')).toMatchObject({ device: 'other:/y', options: 'ro' });
  });

  it('finds none where the system tells of none', () => {
    expect(findMount('', '/mnt/a/')).toBeUndefined();
  });
});
