import type { Stats } from 'node:fs';

/** Who asks, as the system knows them. */
interface User {
  readonly uid: number;
  readonly gid: number;
  readonly username: string;
}

type Owned = Pick<Stats, 'gid' | 'mode' | 'uid'>;
/** Which of the three groups of permission bits count for a user. */
type Standing = 'owner' | 'group' | 'others';

function standingOf({ gid, uid }: Owned, user: User): Standing {
  if (uid === user.uid) return 'owner';
  return gid === user.gid || groups().includes(gid) ? 'group' : 'others';
}

function groups(): number[] {
  return process.getgroups?.() ?? [];
}

/** Whose a directory is, and which of its permissions count for a user. */
export function describeOwner(stats: Owned, user: User): string {
  const owned = `belongs to uid ${String(stats.uid)}, gid ${String(stats.gid)}, mode ${modeOf(stats)}`;
  if (user.uid === 0 || standingOf(stats, user) !== 'others') return owned;
  return `${owned}: only what it allows to everybody counts for ${user.username}`;
}

/** What would give a user the right to write to a directory, with the fewest changes. */
export function accessHint(directory: string, stats: Owned, user: User): string {
  switch (standingOf(stats, user)) {
    case 'owner':
      return `chmod u+rwx ${directory}`;
    case 'group':
      return `chmod g+rwx ${directory}, or chown ${user.username} ${directory}`;
    case 'others':
      return `chown ${user.username} ${directory}, or chgrp it to a group of ${user.username} and chmod g+rwx`;
  }
}

function modeOf({ mode }: Owned): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
