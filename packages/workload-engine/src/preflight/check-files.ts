import { randomUUID } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  type Stats,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import { probeDirectRead, probeDirectWrite } from '@sai3bench/object-store';
import { formatBytes } from '@sai3bench/units';
import type { FileUri } from '@sai3bench/store-uri';
import type { StoreNeeds } from '@sai3bench/workload-config';
import type { Checklist } from './checklist.ts';

/** Directories of the system: benchmark data has no business there. */
const PROTECTED = ['/etc', '/usr', '/sys', '/proc', '/boot', '/root', '/bin', '/sbin', '/lib'];
/** Free space must exceed what will be written by this factor. */
const SPACE_MARGIN = 1.2;

/** Checks a directory of a mounted file system, as far as the plan needs it. */
export async function checkFiles(
  uri: FileUri,
  needs: StoreNeeds,
  checks: Checklist,
): Promise<void> {
  const { uid, gid, username } = userInfo();
  checks.report(
    'info',
    'SYSTEM',
    'identity',
    `running as ${username} (uid ${String(uid)}, gid ${String(gid)})`,
  );
  if (!(await checks.attempt('safety', () => refuseProtected(uri.path)))) return;
  let directory = '';
  const found = await checks.attempt('stat', () => {
    directory = findDirectory(uri.path, needs, checks);
  });
  if (!found) return;
  if (needs.read || needs.list) {
    await checks.attempt('list', () => {
      readdirSync(directory);
    });
  }
  if (needs.write) {
    await checks.attempt('write', () => {
      probeWrite(directory);
    });
    await checks.attempt('disk-space', () => {
      checkSpace(directory, needs.prepareBytes, checks);
    });
  }
  if (uri.scheme === 'direct' && (needs.read || needs.write)) {
    await checks.attempt('o-direct', () => {
      checkDirect(directory, needs, checks);
    });
  }
}

function refuseProtected(path: string): void {
  const parts = path.split('/').filter(Boolean);
  const inside = PROTECTED.find((directory) => `/${parts[0] ?? ''}` === directory);
  if (inside === undefined && parts.length > 0) return;
  throw new BenchError(`${path} lies in a directory of the system (${inside ?? '/'})`, {
    code: 'PREFLIGHT_PROTECTED_PATH',
    class: 'config',
    hint: 'use a mount of its own, or a directory below /tmp',
  });
}

/** The directory itself, or the nearest one above it when it will be made. */
function findDirectory(path: string, needs: StoreNeeds, checks: Checklist): string {
  if (isDirectory(path)) return path;
  if (!needs.write) {
    throw new BenchError(`${path} does not exist, and the workload does not write`, {
      code: 'PREFLIGHT_MISSING',
      class: 'config',
      hint: 'check the path and the mount, or add prepare.ensure_objects to make objects',
    });
  }
  let above = dirname(path);
  while (!isDirectory(above)) above = dirname(above);
  accessSync(above, constants.W_OK | constants.X_OK);
  checks.report('info', 'CONFIG', 'stat', `${path} does not exist yet and will be made`);
  return above;
}

/**
 * Whether a directory is there.
 *
 * @throws BenchError `PREFLIGHT_NOT_A_DIRECTORY` when something else is
 */
function isDirectory(path: string): boolean {
  const stats = statIfThere(path.length > 1 ? path.replace(/\/$/, '') : path);
  if (stats === undefined || stats.isDirectory()) return stats !== undefined;
  throw new BenchError(`${path} is not a directory`, {
    code: 'PREFLIGHT_NOT_A_DIRECTORY',
    class: 'config',
    hint: 'give the address of a directory',
  });
}

/** What is at a path; nothing also when a part of the path is a file. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** What a probe is called; each has a name of its own, because other agents may probe too. */
function probeName(): string {
  return `.sai3bench_preflight_test-${randomUUID().slice(0, 8)}`;
}

function probeWrite(directory: string): void {
  const file = join(directory, probeName());
  const subdirectory = `${file}-dir`;
  try {
    const handle = openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o600);
    try {
      writeSync(handle, 'sai3bench-write-probe');
    } finally {
      closeSync(handle);
      unlinkSync(file);
    }
    mkdirSync(subdirectory, { recursive: true });
    rmdirSync(subdirectory);
  } catch (cause) {
    throw new BenchError(`cannot create, write and remove files in ${directory}`, {
      code: 'PREFLIGHT_NOT_WRITABLE',
      class: 'permission',
      hint: 'make the directory writable for the user that runs the agent: chown or chmod',
      cause,
    });
  }
}

/** Tries O_DIRECT on a new file, or on one that is there when the workload does not write. */
function checkDirect(directory: string, needs: StoreNeeds, checks: Checklist): void {
  let tried = true;
  if (needs.write) probeDirectWrite(directory, probeName());
  else tried = probeDirectRead(directory);
  const message = tried
    ? 'the file system takes O_DIRECT'
    : `O_DIRECT was not tried: ${directory} has no file at its top`;
  checks.report('info', 'CONFIG', 'o-direct', message);
}

function checkSpace(directory: string, prepareBytes: number, checks: Checklist): void {
  const { bavail, bsize } = statfsSync(directory);
  const available = bavail * bsize;
  const wanted = prepareBytes * SPACE_MARGIN;
  if (available >= wanted) {
    checks.report('info', 'RESOURCE', 'disk-space', `${formatBytes(available)} free`);
    return;
  }
  checks.report(
    'error',
    'RESOURCE',
    'disk-space',
    `${formatBytes(available)} free, but prepare will write about ${formatBytes(prepareBytes)}`,
    'free space, or lower count or size_spec of prepare.ensure_objects',
  );
}
