/** A path split into the part that can be listed and the pattern that names in it must match. */
export interface KeyPattern {
  /** Up to and including the last `/` before the first `*`. */
  readonly prefix: string;
  /** What follows; `**` when the path names a directory. */
  readonly pattern: string;
}

/** Splits `data/prepared-*.dat` into `data/` and `prepared-*.dat`; undefined for the path of one object. */
export function splitPattern(path: string): KeyPattern | undefined {
  if (path === '' || path.endsWith('/')) return { prefix: path, pattern: '**' };
  const star = path.indexOf('*');
  if (star < 0) return undefined;
  const slash = path.lastIndexOf('/', star);
  return { prefix: path.slice(0, slash + 1), pattern: path.slice(slash + 1) };
}

/**
 * A test for names below the prefix of a pattern. `*` stands for any characters within one part of a
 * path, `**` for any characters at all; everything else stands for itself.
 */
export function matcherOf(pattern: string): (name: string) => boolean {
  const source = pattern
    .split(/(\*+)/)
    .map((part) => {
      if (part.startsWith('**')) return '.*';
      return part === '*' ? '[^/]*' : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  const expression = new RegExp(`^${source}$`, 's');
  return (name) => expression.test(name);
}
