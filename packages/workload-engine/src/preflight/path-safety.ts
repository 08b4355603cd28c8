/** Directories of the system: benchmark data has no business there. */
const SYSTEM = [
  ...['/etc', '/usr', '/sys', '/proc', '/boot', '/root'],
  ...['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'],
];
/** Where other programs keep what they need: data may lie there, if that is meant. */
const DELICATE = ['/var/lib', '/var/log', '/var/spool', '/run', '/var/run', '/dev'];
/** Memory as a file system, made for data of anybody. */
const FREE = ['/dev/shm'];

/** What speaks against data below a path. */
export interface PathDanger {
  readonly level: 'warning' | 'error';
  /** The directory that it lies in. */
  readonly inside: string;
}

/** Judges an absolute path by its parts: what only begins with the same letters as a directory of the system is none. */
export function pathDanger(path: string): PathDanger | undefined {
  if (partsOf(path).length === 0) return { level: 'error', inside: '/' };
  if (FREE.some((directory) => liesIn(path, directory))) return undefined;
  const system = SYSTEM.find((directory) => liesIn(path, directory));
  if (system !== undefined) return { level: 'error', inside: system };
  const delicate = DELICATE.find((directory) => liesIn(path, directory));
  return delicate === undefined ? undefined : { level: 'warning', inside: delicate };
}

/** Whether a path is a directory or lies below it, part by part. */
export function liesIn(path: string, directory: string): boolean {
  const parts = partsOf(path);
  return partsOf(directory).every((part, index) => parts[index] === part);
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
