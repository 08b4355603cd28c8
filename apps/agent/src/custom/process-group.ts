import { readdirSync, readFileSync } from 'node:fs';
import { systemCode } from '@sai3bench/errors';

/** A process of a group that has not ended. */
export interface GroupMember {
  readonly id: number;
  readonly command: string;
  /** Whether not even SIGKILL reaches it before a system call returns. */
  readonly isStuck: boolean;
}

/** Says which processes of a group have not ended. */
export type LookAtGroup = (group: number) => readonly GroupMember[];

/** Reads the contents of `/proc/<id>/stat` of every process; none where the system has no such thing. */
export type ReadStats = () => readonly string[];

/**
 * The processes of a group that have not ended, by what proc_pid_stat(5) says. One that has ended, but that nobody
 * has asked for its exit code yet, is not among them.
 */
export function membersOf(group: number, readStats: ReadStats = readProcStats): GroupMember[] {
  return readStats().flatMap((stat) => {
    // The name is in parentheses, and may have some in it.
    const parts = /^(\d+) \((.*)\) (\S) \d+ (\d+) /s.exec(stat);
    if (parts === null) return [];
    const [, id, command = '', state = '', itsGroup] = parts;
    if (Number(itsGroup) !== group || state === 'Z' || state === 'X') return [];
    return [{ id: Number(id), command, isStuck: state === 'D' }];
  });
}

/** The same, but without a look at every process of the host where the group is known to be gone. */
export function survivorsOf(group: number): GroupMember[] {
  return signalGroup(group, 0) ? membersOf(group) : [];
}

/** Sends a signal to all processes of a group; 0 only asks whether there is any. Returns whether there is. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // Those that have changed their user are there, but are not ours to end.
    return systemCode(error) !== 'ESRCH';
  }
}

function readProcStats(): string[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        return [readFileSync(`/proc/${id}/stat`, 'utf8')];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not Linux: then nobody is known to be left.
    return [];
  }
}
