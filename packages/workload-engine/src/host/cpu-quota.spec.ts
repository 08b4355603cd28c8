import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cpuQuota } from './cpu-quota.ts';

const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const V1 = `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
`;

function quotaOf(files: Readonly<Record<string, string>>): number | undefined {
  return cpuQuota((path) => files[path]);
}

describe('cpuQuota()', () => {
  it('knows of no limit where there are no control groups, or none is limited', () => {
    expect(quotaOf({})).toBeUndefined();
    expect(
      quotaOf({
        '/proc/self/cgroup': '0::/user.slice\n',
        '/proc/self/mountinfo': V2,
        '/sys/fs/cgroup/user.slice/cpu.max': 'max 100000\n',
      }),
    ).toBeUndefined();
    expect(
      quotaOf({
        '/proc/self/cgroup': '2:cpu,cpuacct:/\n1:name=systemd:/\n0::/\n',
        '/proc/self/mountinfo': V1,
        '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      }),
    ).toBeUndefined();
  });

  it('takes the least of the group and those above it', () => {
    const files = {
      '/proc/self/cgroup': '0::/machine/bench/agent\n',
      '/proc/self/mountinfo': V2,
      '/sys/fs/cgroup/machine/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/machine/bench/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/machine/bench/agent/cpu.max': '400000 100000\n',
    };
    expect(quotaOf(files)).toBe(1.5);
  });

  it('reads version 1, also beside a version 2 that does not limit', () => {
    expect(
      quotaOf({
        '/proc/self/cgroup': '3:cpuset:/x\n2:cpu,cpuacct:/docker/abc\n0::/\n',
        '/proc/self/mountinfo': `${V1}${V2.replace('/sys/fs/cgroup ', '/sys/fs/cgroup/unified ')}`,
        '/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us': '250000\n',
        '/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us': '100000\n',
      }),
    ).toBe(2.5);
  });

  it('finds the group of a container, of which only a part of the tree is mounted', () => {
    const mounted = V2.replace(' / /sys', ' /docker/abc /sys');
    for (const group of ['/docker/abc', '/', '/../..']) {
      expect(
        quotaOf({
          '/proc/self/cgroup': `0::${group}\n`,
          '/proc/self/mountinfo': mounted,
          '/sys/fs/cgroup/cpu.max': '200000 100000\n',
        }),
      ).toBe(2);
    }
  });

  it('never fails, nor makes up a limit of nothing, whatever the files say', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('0::/a', V1, V2, '-1', '0', 'max', '0 0', '1'),
    );
    fc.assert(
      fc.property(text, text, text, (cgroup, mountinfo, other) => {
        const quota = cpuQuota((path) => {
          if (path.endsWith('cgroup')) return cgroup;
          return path.endsWith('mountinfo') ? mountinfo : other;
        });
        expect(quota === undefined || quota > 0).toBe(true);
      }),
    );
  });
});
