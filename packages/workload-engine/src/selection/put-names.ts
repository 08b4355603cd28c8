/**
 * Names of the objects that a workload puts: they count up, so that everything a run has put can be named again
 * without a list.
 *
 *   obj_{run}-{agent}-{entry}-{worker}-{number}
 *
 * where run is a part of the run's id, entry the position in the operation mix, and the numbers of one worker
 * begin at 0. Names of different runs, agents, entries and workers never meet.
 */
export function putNamePrefix(
  runId: string,
  agentIndex: number,
  entry: number,
  worker: number,
): string {
  return `${putEntryPrefix(runId, agentIndex, entry)}${String(worker)}-`;
}

/** What the names have in common that all workers of an agent use for one entry of the mix. */
export function putEntryPrefix(runId: string, agentIndex: number, entry: number): string {
  return `${putRunPrefix(runId)}${String(agentIndex)}-${String(entry)}-`;
}

/** What the names of all objects have in common that the workload of a run puts, below the paths of its operations. */
export function putRunPrefix(runId: string): string {
  return `obj_${runTag(runId)}-`;
}

/** Says of keys whether some worker of any agent of a run has put them, for one of some entries of the mix. */
export function putMatcher(runId: string, entries: readonly number[]): (key: string) => boolean {
  if (entries.length === 0) return () => false;
  const begin = putRunPrefix(runId);
  const name = new RegExp(`${begin}\\d+-(?:${entries.join('|')})-\\d+-\\d+$`);
  return (key) => key.includes(begin) && name.test(key);
}

/**
 * The directory that a run makes directories in, below the place of a tree: those of other runs have another, so that
 * none is there before the run makes it.
 */
export function madeDirectoryPrefix(runId: string): string {
  return `dir_${runTag(runId)}/`;
}

/** The part of a run's id that tells runs apart in names: its letters and digits, at most twelve. */
function runTag(runId: string): string {
  return runId.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 12);
}
