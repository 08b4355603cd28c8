import { readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** As many as the kernel follows on the way to one file. */
const MAX_LINKS = 40;

/**
 * Where a path leads, without symbolic links. Of what is not there yet it is the place where it would be made: below the
 * real place of what is there on the way to it, also where the way goes over a link to something that is not there.
 *
 * @param path absolute
 * @throws Error of the system when something on the way may not be looked at, or when links lead in a circle
 */
export async function realPlaceOf(path: string, linksLeft = MAX_LINKS): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error) || path === '/' || linksLeft === 0) throw error;
  }
  const above = await realPlaceOf(dirname(path), linksLeft);
  const place = join(above, basename(path));
  const target = await linkTarget(place);
  if (target === undefined) return place;
  return await realPlaceOf(target.startsWith('/') ? target : `${above}/${target}`, linksLeft - 1);
}

/** What a link names; undefined when a path is no link, or nothing at all. */
async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
