import { userInfo } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import { checkDirectory } from './check-directory.ts';
import { type CheckContext, checklistOf } from './check-context.ts';
import { checkSpace } from './check-space.ts';
import type { Checklist } from './checklist.ts';
import {
  type FileEndpoint,
  fileEndpoints,
  type FilePlace,
  type FileUses,
  joinUses,
} from './file-places.ts';
import { type NearestDirectory, nearestDirectory } from './nearest-directory.ts';
import { pathDanger } from './path-safety.ts';

/** A directory that is there, and everything that the plan does in it or in what it will make below. */
interface CheckedDirectory {
  readonly checks: Checklist;
  readonly directory: string;
  readonly uses: FileUses;
}

/** Checks every directory of files that a plan works in, each once, as far as the plan needs it. */
export async function checkFiles(context: CheckContext): Promise<void> {
  const endpoints = fileEndpoints(context.plan);
  if (endpoints.length === 0) return;
  reportIdentity(checklistOf(context, ''));
  const directories = new Map<string, CheckedDirectory>();
  const sound = new Set<string>();
  for (const endpoint of endpoints) {
    if (await findDirectories(endpoint, context, directories)) sound.add(endpoint.address);
  }
  for (const { checks, directory, uses } of directories.values()) {
    await checkDirectory(directory, uses, context, checks);
  }
  await checkSpace(context, sound);
}

/** What it means when a directory is not there: it is needed, unless the plan makes it; nobody needs it; it was said already. */
type Absence = 'matters' | 'is told' | 'is known';

/** Finds the directories of an endpoint; returns whether the endpoint itself is sound: otherwise nothing below it is looked at. */
async function findDirectories(
  { below, mustExist, root }: FileEndpoint,
  context: CheckContext,
  directories: Map<string, CheckedDirectory>,
): Promise<boolean> {
  const warned = new Set<string>();
  const note = async (
    place: FilePlace,
    absence: Absence,
  ): Promise<NearestDirectory | undefined> => {
    const checks = checklistOf(context, place.address);
    const nearest = await findPlace(place, checks, warned, absence);
    if (nearest === undefined) return undefined;
    const known = directories.get(nearest.realDirectory);
    directories.set(nearest.realDirectory, {
      checks: known?.checks ?? checks,
      directory: known?.directory ?? nearest.directory,
      uses: known === undefined ? place : joinUses(known.uses, place),
    });
    return nearest;
  };
  const found = await note(root, mustExist ? 'matters' : 'is told');
  if (found === undefined) return false;
  for (const place of below) {
    // Below what is missing everything is: that is said once.
    if (found.missing !== '') await note(place, 'is known');
    else await note(place, place.read || place.list ? 'matters' : 'is told');
  }
  return true;
}

function reportIdentity(checks: Checklist): void {
  const { gid, uid, username } = userInfo();
  checks.report(
    'info',
    'SYSTEM',
    'identity',
    `running as ${username} (uid ${String(uid)}, gid ${String(gid)})`,
  );
}

/**
 * The directory at a place, or the one below which it will be made; undefined when the place is no good.
 *
 * @param warned directories of which there was a warning already
 */
async function findPlace(
  place: FilePlace,
  checks: Checklist,
  warned: Set<string>,
  absence: Absence,
): Promise<NearestDirectory | undefined> {
  const judge = (path: string): Promise<boolean> =>
    checks.attempt('safety', () => {
      judgePath(path, place.path, checks, warned);
    });
  if (!(await judge(place.path))) return undefined;
  let found: NearestDirectory | undefined;
  const exists = await checks.attempt('stat', () => {
    const nearest = nearestDirectory(place.path);
    if (nearest.missing !== '') reportMissing(place, checks, absence);
    found = nearest;
  });
  if (!exists || found === undefined) return undefined;
  const real = join(found.realDirectory, found.missing);
  const isAsWritten = join(found.directory, found.missing) === real;
  return isAsWritten || (await judge(real)) ? found : undefined;
}

/** @param written the path as the plan has it, of which `path` may be what symbolic links lead to */
function judgePath(path: string, written: string, checks: Checklist, warned: Set<string>): void {
  const danger = pathDanger(path);
  if (danger === undefined || warned.has(danger.inside)) return;
  warned.add(danger.inside);
  const what = path === written ? path : `${written}, which leads to ${path},`;
  if (danger.level === 'error') {
    throw new BenchError(`${what} lies in a directory of the system (${danger.inside})`, {
      code: 'PREFLIGHT_PROTECTED_PATH',
      class: 'config',
      hint: 'use a mount of its own, or a directory below /tmp',
    });
  }
  checks.report(
    'warning',
    'CONFIG',
    'safety',
    `${what} lies in ${danger.inside}, where other programs keep what they need`,
    'make sure that it is meant for benchmark data, or use a mount of its own',
  );
}

function reportMissing(
  { makes, path, write }: FilePlace,
  checks: Checklist,
  absence: Absence,
): void {
  if (absence === 'is known') return;
  if (makes || write) {
    checks.report('info', 'CONFIG', 'stat', `${path} does not exist yet and will be made`);
    return;
  }
  if (absence !== 'matters') return;
  throw new BenchError(`${path} does not exist, and the workload does not write there`, {
    code: 'PREFLIGHT_MISSING',
    class: 'config',
    hint: 'check the path and the mount, or add prepare.ensure_objects to make objects',
  });
}
