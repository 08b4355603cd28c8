import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type HostProcess, isProcessGone, ownProcess } from '@sai3bench/control-link';

/** Name of the file in an agent's temporary directory that tells whose it is. */
export const OWNER_FILE = 'owner.json';
const PROGRAM = 'sai3bench-agent';

/** The agent process that made a temporary directory. */
export interface DirectoryOwner extends HostProcess {
  /** Where the number of the process means this process: a temporary directory may be shared by containers, too. */
  readonly pidNamespace: string;
}

/** This process. */
export function thisProcess(): DirectoryOwner {
  return { ...ownProcess(), pidNamespace: pidNamespace() };
}

/** Marks a directory as made by this process. */
export function writeOwner(directory: string): void {
  const { startedAt: processStart = '', ...owner } = thisProcess();
  const record = { program: PROGRAM, directory: basename(directory), ...owner, processStart };
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
  const owner = { processId, hostname: host, pidNamespace: namespace };
  // What is empty was not known.
  return processStart === '' ? owner : { ...owner, startedAt: processStart };
}

/** Whether the process certainly lives no longer. Of other hosts and containers nothing is certain. */
export function isGone(owner: DirectoryOwner): boolean {
  return owner.pidNamespace === pidNamespace() && isProcessGone(owner);
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
