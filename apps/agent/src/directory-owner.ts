import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';

/** Name of the file in an agent's temporary directory that tells whose it is. */
export const OWNER_FILE = 'owner.json';
const PROGRAM = 'sai3bench-agent';

/** The agent process that made a temporary directory. */
export interface DirectoryOwner {
  readonly processId: number;
  /** When the process started, in the kernel's ticks; tells it from a later one with its number. Empty if unknown. */
  readonly processStart: string;
  /** Where the number of the process means this process: a temporary directory may be shared by hosts and containers. */
  readonly hostname: string;
  readonly pidNamespace: string;
}

/** This process. */
export function thisProcess(): DirectoryOwner {
  return {
    processId: process.pid,
    processStart: startOf(process.pid),
    hostname: hostname(),
    pidNamespace: pidNamespace(),
  };
}

/** Marks a directory as made by this process. */
export function writeOwner(directory: string): void {
  const record = { program: PROGRAM, directory: basename(directory), ...thisProcess() };
  writeFileSync(join(directory, OWNER_FILE), `${JSON.stringify(record)}\n`);
}

/** Who made a directory; undefined when it cannot be said with certainty that an agent did. */
export function readOwner(directory: string): DirectoryOwner | undefined {
  let record: Partial<Record<string, unknown>>;
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(directory, OWNER_FILE), 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    record = { ...parsed };
  } catch {
    return undefined;
  }
  const { hostname: host, pidNamespace: namespace, processId, processStart } = record;
  if (record['program'] !== PROGRAM || record['directory'] !== basename(directory))
    return undefined;
  if (typeof processId !== 'number' || !Number.isSafeInteger(processId) || processId <= 0) {
    return undefined;
  }
  if (typeof processStart !== 'string' || typeof host !== 'string') return undefined;
  if (typeof namespace !== 'string') return undefined;
  return { processId, processStart, hostname: host, pidNamespace: namespace };
}

/** Whether the process certainly lives no longer. Of other hosts and containers nothing is certain. */
export function isGone(owner: DirectoryOwner): boolean {
  if (owner.hostname !== hostname() || owner.pidNamespace !== pidNamespace()) return false;
  try {
    process.kill(owner.processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const start = startOf(owner.processId);
  return start !== '' && owner.processStart !== '' && start !== owner.processStart;
}

function startOf(processId: number): string {
  try {
    const stat = readFileSync(`/proc/${String(processId)}/stat`, 'utf8');
    // The 22nd field, counted from behind the second, which is the name in parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
