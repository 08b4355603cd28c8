import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** What is said only when something takes long, when agents work or begin at the same time or not, or of what was under way. */
const BY_CHANCE =
  /^(Getting ready for stage| {2}While all agents were at work|⚠ stage \S+: agent-\d+ began ).*\n|, \d+ cancelled at the end/gm;

/**
 * A transcript without what differs from run to run: numbers become `#`, units of measured values `u`, bars are
 * shortened, places are named. Two transcripts that say the same are then equal.
 */
export function normalize(transcript: string, places: Readonly<Record<string, string>>): string {
  let text = transcript.replaceAll(BY_CHANCE, '');
  for (const [place, name] of Object.entries(places)) text = text.replaceAll(place, name);
  return text
    .replaceAll(hostname(), 'HOST')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'ADDRESS')
    .replaceAll(/[█░]+/g, '[bar]')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/sai3-\d{8}-\d{4}/g, 'sai3-DATE')
    .replaceAll(/\b\d[\d,.]*(ms|s|m|h|d)( \d[\d,.]*(ms|s|m|h))*\b/g, '#u')
    .replaceAll(/\b\d[\d,.]*\d\b|\b\d\b/g, '#')
    .replaceAll(/# (ns|µs|ms|s)\b/g, '# u')
    .replaceAll(/# (B|KiB|MiB|GiB|TiB)\b(?!\/s)/g, '# B')
    .replaceAll(/(uid|gid) #/g, '$1 #')
    .replaceAll(/running as \S+ \(/g, 'running as USER (')
    .replaceAll(/ mount: on .*/g, ' mount: on MOUNT');
}

/**
 * Compares with the transcript that is kept in `golden/`. With UPDATE_GOLDEN set, the file is written instead: look at
 * the difference before it is committed. A transcript that is not kept yet is a failure.
 */
export function golden(name: string, transcript: string): string {
  const path = new URL(`../../golden/${name}.txt`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(path, transcript);
  return readFileSync(path, 'utf8');
}
