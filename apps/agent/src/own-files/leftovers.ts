import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type DirectoryOwner, OWNER_FILE, readOwner } from './directory-owner.ts';
import {
  CUSTOM_DIRECTORY,
  DIRECTORY_PREFIX,
  ENDED_FILE,
  isSummary,
  LOG_FILE,
} from './run-files.ts';

/** For how long results that no controller has taken over are kept. */
const KEEP_RESULTS_MS = 7 * 24 * 3_600_000;

/** Where and when to look for what earlier runs have left. */
export interface LeftoverOptions {
  readonly parent: string;
  /** The time of day in ms. */
  readonly nowMs: number;
  /** Whether a process certainly lives no longer. */
  readonly isGone: (owner: DirectoryOwner) => boolean;
}

/** A directory that was removed. */
export interface Leftover {
  readonly path: string;
  readonly owner: DirectoryOwner;
  /** Whether there were results in it that no controller had taken over. */
  readonly hadResults: boolean;
}

/**
 * Removes the temporary directories of runs that are over: at once when there are no results in them, else after some
 * days. Touches only directories of this user that an agent has made, and only those in which there is nothing but
 * what agents write.
 */
export function removeLeftovers(options: LeftoverOptions): readonly Leftover[] {
  return namesIn(options.parent).flatMap((name) => {
    try {
      return removeLeftover(join(options.parent, name), options) ?? [];
    } catch {
      return []; // Another agent may be removing it at the same time.
    }
  });
}

function removeLeftover(path: string, options: LeftoverOptions): Leftover | undefined {
  if (!isPrivateDirectory(path)) return undefined;
  const names = readdirSync(path);
  if (!names.every((name) => isOwn(path, name))) return undefined;
  const owner = readOwner(path);
  if (owner === undefined) return undefined;
  if (!names.includes(ENDED_FILE) && !options.isGone(owner)) return undefined;
  const hadResults = names.some(isSummary);
  const lastWriteMs = Math.max(...names.map((name) => lstatSync(join(path, name)).mtimeMs));
  if (hadResults && options.nowMs - lastWriteMs < KEEP_RESULTS_MS) return undefined;
  // The owner last: a directory that could be removed only in part is still known as one.
  for (const name of names) {
    if (name === CUSTOM_DIRECTORY) rmdirSync(join(path, name));
    else if (name !== OWNER_FILE) unlinkSync(join(path, name));
  }
  unlinkSync(join(path, OWNER_FILE));
  rmdirSync(path);
  return { path, owner, hadResults };
}

/** Whether only this user could have put anything there. */
function isPrivateDirectory(path: string): boolean {
  const status = lstatSync(path);
  return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0;
}

/** Whether an agent has put that into its directory; of what programs of custom stages have left nobody knows. */
function isOwn(path: string, name: string): boolean {
  const place = join(path, name);
  const status = lstatSync(place);
  return name === CUSTOM_DIRECTORY
    ? status.isDirectory() && readdirSync(place).length === 0
    : isAgentFile(name) && status.isFile();
}

function isAgentFile(name: string): boolean {
  return [OWNER_FILE, LOG_FILE, ENDED_FILE].includes(name) || isSummary(name);
}

function namesIn(parent: string): string[] {
  try {
    return readdirSync(parent).filter((name) => name.startsWith(DIRECTORY_PREFIX));
  } catch {
    // A directory that cannot be read has nothing that could be removed from it.
    return [];
  }
}
