import { readFileSync, realpathSync, statfsSync } from 'node:fs';
import { BenchError } from '@sai3bench/errors';

/** What a directory is on. */
export interface FileSystemKind {
  /** `f_type` of statfs(2). */
  readonly magic: number;
  /** Type in /proc/self/mountinfo, for example `ext4` or `fuse.sshfs`; empty where there is none. */
  readonly mountType: string;
}

/** Magic numbers of file systems whose locks, mappings or caches are not those of one machine. */
const NETWORK_MAGICS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff53_4d42, 'CIFS'],
  [0xfe53_4d42, 'SMB'],
  [0x0bd0_0bd0, 'Lustre'],
  [0x4750_4653, 'GPFS'],
  [0x00c3_6400, 'CephFS'],
  [0x0102_1997, '9P'],
  [0x5346_414f, 'AFS'],
  [0x6b41_4653, 'AFS'],
  [0x7375_7245, 'Coda'],
  [0x0116_1970, 'GFS2'],
  [0x7461_636f, 'OCFS2'],
  [0x1983_0326, 'BeeGFS'],
  [0x2003_0528, 'OrangeFS'],
]);
const FUSE_MAGIC = 0x6573_5546;

/** Mount types of network file systems, for those that have no magic number of their own. */
const NETWORK_TYPES =
  /^(nfs\d?|cifs|smb3?|lustre|gpfs|ceph|9p|afs|coda|gfs2|ocfs2|beegfs|orangefs|wekafs|panfs|glusterfs|virtiofs)$/;

/** FUSE file systems on a disk of the machine; all others are taken for remote. */
const LOCAL_FUSE = /^(fuseblk|fuse\.(fuse-overlayfs|ntfs(-3g)?|exfat|bindfs|mergerfs|zfs))$/;

/** The network file system that a kind is; undefined for a local one. */
export function networkFileSystem({ magic, mountType }: FileSystemKind): string | undefined {
  const named = NETWORK_MAGICS.get(magic >>> 0);
  if (named !== undefined) return named;
  if (NETWORK_TYPES.test(mountType)) return mountType;
  if (magic === FUSE_MAGIC && !LOCAL_FUSE.test(mountType)) return mountType || 'FUSE';
  return undefined;
}

/** Asks the kernel what an existing directory is on. */
export function fileSystemKind(directory: string): FileSystemKind {
  const path = realpathSync(directory);
  return { magic: statfsSync(path).type, mountType: mountTypeOf(readMounts(), path) };
}

/** The type of the mount that a path is below, from the text of /proc/self/mountinfo. */
export function mountTypeOf(mountInfo: string, path: string): string {
  let longest = '';
  let type = '';
  for (const line of mountInfo.split('\n')) {
    // 36 35 98:0 /root /mount/point options - type source
    const [before, after] = line.split(' - ');
    const mountPoint = unescapeOctal(before?.split(' ')[4] ?? '');
    const isAbove =
      mountPoint === path || path.startsWith(mountPoint === '/' ? '/' : `${mountPoint}/`);
    // Of several mounts on one point, the last one is on top.
    if (mountPoint === '' || !isAbove || mountPoint.length < longest.length) continue;
    longest = mountPoint;
    type = after?.split(' ')[0] ?? '';
  }
  return type;
}

/** Throws when a directory is on a network file system. */
export function refuseNetworkFileSystem(
  directory: string,
  kindOf: (directory: string) => FileSystemKind,
): void {
  const name = networkFileSystem(kindOf(directory));
  if (name === undefined) return;
  throw new BenchError(`the metadata cache cannot be kept on ${name}: ${directory}`, {
    code: 'CACHE_ON_NETWORK',
    class: 'config',
    hint: 'set kv_cache_dir to a directory on a local disk: locks and flushes of a network file system do not hold',
    key: directory,
  });
}

function readMounts(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    // Not Linux: nothing is known of mounts.
    return '';
  }
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
