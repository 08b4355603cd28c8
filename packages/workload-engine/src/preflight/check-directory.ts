import { closeSync, constants, type Dirent, opendirSync, openSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import { probeDirectRead, probeDirectWrite, systemErrorMeaning } from '@sai3bench/object-store';
import type { Checklist } from './checklist.ts';
import type { CheckName } from './finding.ts';
import type { FileUses } from './file-places.ts';
import { FileProbe } from './file-probe.ts';
import { findMount, readMounts } from './mounts.ts';
import { accessHint, describeOwner } from './ownership.ts';
import { fileProbeNames, type ProbeOwner } from './probe-names.ts';

/** Entries of a directory that are looked at for a file to read. */
const LOOKED_AT = 1_000;

/**
 * Checks a directory that is there, for what a plan does in it or below. Its calls block, for ever where the directory hangs.
 *
 * @param owner whose probes are written
 */
export async function checkDirectory(
  directory: string,
  uses: FileUses,
  owner: ProbeOwner,
  checks: Checklist,
): Promise<void> {
  await checks.attempt('ownership', () => {
    reportOwner(directory, checks);
  });
  await checks.attempt('mount', () => {
    reportMount(directory, checks);
  });
  if (uses.list || uses.read) {
    const listed = await checks.attempt('list', () => {
      readFirst(directory);
    });
    if (listed && uses.read) {
      await checks.attempt('read', () => {
        checkRead(directory, uses, checks);
      });
    }
  }
  if (uses.write || uses.remove) await checkWrite(directory, owner, checks);
  if (uses.direct) {
    await checks.attempt('o-direct', () => {
      checkDirect(directory, uses, owner, checks);
    });
  }
}

function reportOwner(directory: string, checks: Checklist): void {
  checks.report('info', 'PERM', 'ownership', describeOwner(statSync(directory), userInfo()));
}

function reportMount(directory: string, checks: Checklist): void {
  const mount = findMount(readMounts(), directory);
  if (mount === undefined) return;
  const { device, options, point, type } = mount;
  checks.report('info', 'SYSTEM', 'mount', `on ${point}: ${type} from ${device} (${options})`);
}

/** The first entries of a directory, however many it has. */
function readFirst(directory: string): Dirent[] {
  const entries: Dirent[] = [];
  const handle = opendirSync(directory);
  try {
    while (entries.length < LOOKED_AT) {
      const entry = handle.readSync();
      if (entry === null) break;
      entries.push(entry);
    }
  } finally {
    handle.closeSync();
  }
  return entries;
}

/** Opens a file that is there. What the plan makes itself it can read; then others' files are no more than a sign. */
function checkRead(directory: string, uses: FileUses, checks: Checklist): void {
  const file = readFirst(directory).find((entry) => entry.isFile());
  if (file === undefined) return;
  const path = join(directory, file.name);
  try {
    closeSync(openSync(path, constants.O_RDONLY));
  } catch (cause) {
    const error = new BenchError(`cannot open ${path} for reading`, {
      code: 'PREFLIGHT_NOT_READABLE',
      class: 'permission',
      hint: 'make the files readable for the user that runs the agent: chmod or chown',
      cause,
    });
    if (!uses.makes) throw error;
    checks.warn('read', error);
  }
}

/** Makes, writes and removes a file and a directory of its own; each is a check of its own, and nothing stays. */
async function checkWrite(directory: string, owner: ProbeOwner, checks: Checklist): Promise<void> {
  const probe = new FileProbe(directory, fileProbeNames(owner));
  const attempt = async (check: CheckName, what: string, work: () => void): Promise<void> => {
    await checks.attempt(check, () => {
      try {
        work();
      } catch (cause) {
        throw refusedError(what, directory, cause);
      }
    });
  };
  await attempt('write', 'create and write a file', () => {
    probe.writeFile();
  });
  await attempt('mkdir', 'make a directory', () => {
    probe.makeDirectory();
  });
  if (!probe.isThere) return;
  await attempt('delete', 'remove what the checks have made', () => {
    probe.remove();
  });
}

function refusedError(what: string, directory: string, cause: unknown): BenchError {
  const { class: errorClass = 'permission', code, hint } = systemErrorMeaning(cause) ?? {};
  const access = accessHint(directory, statSync(directory), userInfo());
  return new BenchError(`cannot ${what} in ${directory}`, {
    code: 'PREFLIGHT_NOT_WRITABLE',
    class: errorClass,
    hint: code === 'EACCES' ? access : (hint ?? access),
    cause,
  });
}

/** Tries O_DIRECT on a new file, or on one that is there when the workload does not write. */
function checkDirect(
  directory: string,
  uses: FileUses,
  owner: ProbeOwner,
  checks: Checklist,
): void {
  let tried = true;
  if (uses.write) probeDirectWrite(directory, fileProbeNames(owner).direct);
  else tried = probeDirectRead(directory);
  const message = tried
    ? 'the file system takes O_DIRECT'
    : `O_DIRECT was not tried: ${directory} has no file at its top`;
  checks.report('info', 'CONFIG', 'o-direct', message);
}
