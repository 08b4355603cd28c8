/** How often a directory is tried whose parent somebody else removes meanwhile. */
const MAX_ATTEMPTS = 3;

/** What making directories takes of a file system: blocking calls that throw its errors, each with its `code`. */
export interface DirectoryCalls {
  /** Makes one directory. */
  readonly mkdir: (path: string) => unknown;
  readonly stat: (path: string) => { isDirectory(): boolean };
}

/**
 * Makes a directory and those above it that are missing; one call where its parent is there. The recursive mkdir of Node.js
 * does so too, but never returns where the file system says of a directory that it cannot make, that there is none: in
 * /proc, or where directories are mounted on demand.
 *
 * @param path with `/` between its parts
 * @throws the error of the system
 */
export function makeDirectories(path: string, calls: DirectoryCalls): void {
  for (let attempt = 1; ; attempt++) {
    try {
      calls.mkdir(path);
      return;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code === 'EEXIST' && isDirectory(path, calls)) return;
      const parent = parentOf(path);
      if (code !== 'ENOENT' || parent === undefined || attempt === MAX_ATTEMPTS) throw error;
      makeDirectories(parent, calls);
    }
  }
}

function isDirectory(path: string, { stat }: DirectoryCalls): boolean {
  try {
    return stat(path).isDirectory();
  } catch {
    return false; // A link that leads nowhere.
  }
}

/** What a directory lies in; undefined where that is the root, or the current directory. */
function parentOf(path: string): string | undefined {
  return /^(.*[^/])\/+[^/]+\/*$/.exec(path)?.[1];
}
