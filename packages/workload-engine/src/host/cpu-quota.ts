/** Reads a small file; undefined when it is not there. */
export type ReadText = (path: string) => string | undefined;

/** A mounted tree of control groups, as mountinfo of proc(5) describes it. */
interface CgroupMount {
  /** The group that is mounted. */
  readonly root: string;
  readonly mountPoint: string;
  readonly version: 1 | 2;
}

/**
 * How much processor time the control groups of this process allow it, in processors (1.5 is one and a half): the
 * least of its own group and those above it, in version 1 and 2 of control groups. Undefined without a limit.
 *
 * Which processors it may run on (cpuset, affinity) is another limit, which `os.availableParallelism` knows.
 */
export function cpuQuota(read: ReadText): number | undefined {
  const groups = read('/proc/self/cgroup') ?? '';
  const quotas = cgroupMounts(read('/proc/self/mountinfo') ?? '').flatMap((mount) => {
    const group = groupOf(groups, mount.version);
    return group === undefined
      ? []
      : directoriesOf(mount, group).flatMap(
          (directory) => quotaIn(directory, mount.version, read) ?? [],
        );
  });
  return quotas.length === 0 ? undefined : Math.min(...quotas);
}

/** The mounts whose groups may limit processor time. */
function cgroupMounts(mountinfo: string): CgroupMount[] {
  return mountinfo.split('\n').flatMap((line): CgroupMount[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', mountPoint = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type === 'cgroup2') return [{ root, mountPoint, version: 2 }];
    const isCpu = type === 'cgroup' && options.split(',').includes('cpu');
    return isCpu ? [{ root, mountPoint, version: 1 }] : [];
  });
}

/** The group of this process, from lines such as `0::/a/b` (version 2) and `4:cpu,cpuacct:/a/b` (version 1). */
function groupOf(groups: string, version: 1 | 2): string | undefined {
  for (const line of groups.split('\n')) {
    const [, id, controllers, group] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    const fits =
      version === 2
        ? id === '0' && controllers === ''
        : controllers?.split(',').includes('cpu') === true;
    if (fits) return group;
  }
  return undefined;
}

/** Where the group and those above it can be read, as far as they are mounted. */
function directoriesOf({ mountPoint, root }: CgroupMount, group: string): string[] {
  const top = root === '/' ? '' : root;
  // A container may see its own group as the root of all.
  const below = group === top || group.startsWith(`${top}/`) ? group.slice(top.length) : '';
  const parts = below.split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, depth) =>
    [mountPoint, ...parts.slice(0, depth)].join('/'),
  );
}

function quotaIn(directory: string, version: 1 | 2, read: ReadText): number | undefined {
  const [quota, period] =
    version === 2
      ? (read(`${directory}/cpu.max`) ?? '').trim().split(' ')
      : [read(`${directory}/cpu.cfs_quota_us`), read(`${directory}/cpu.cfs_period_us`)];
  // Without a limit it says "max", or -1.
  const processors = Number(quota) / Number(period);
  return processors > 0 && Number.isFinite(processors) ? processors : undefined;
}
