import { readFileSync } from 'node:fs';
import { liesIn } from './path-safety.ts';

/** A mount, as mounts(5) describes it. */
export interface Mount {
  readonly point: string;
  readonly device: string;
  readonly type: string;
  readonly options: string;
}

/** The mounts of this host as the system tells them; empty where it does not. */
export function readMounts(): string {
  try {
    return readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    // Not Linux: nothing is known of mounts.
    return '';
  }
}

/**
 * The mount that a path lies on: the longest mount point that is a parent of it, part by part; of several at one point the
 * last, which hides the others.
 *
 * @param mounts text of /proc/self/mounts
 */
export function findMount(mounts: string, path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const line of mounts.split('\n')) {
    const [device = '', point = '', type = '', options = ''] = line.split(' ').map(unescapeOctal);
    if (point === '' || !liesIn(path, point)) continue;
    if (best === undefined || point.length >= best.point.length) {
      best = { point, device, type, options };
    }
  }
  return best;
}

/** Blanks and the like are written as octal escapes. */
function unescapeOctal(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
