import type { ErrorGroup } from '../stage/error-journal.ts';
import type { FleetWorker, WorkerFleet } from './worker-fleet.ts';

const PAUSE_MS = 100;
/** How long attempts may go on in vain: alone on the storage, only directories of other workers can be in the way. */
const WAIT_ALONE_MS = 1_000;
const WAIT_MS = 10_000;

/** What removing the directories of all workers needs. */
export interface DirectoryRemoval {
  readonly fleet: Pick<WorkerFleet, 'ask' | 'listen' | 'workers'>;
  /** Whether no other agent works on the same storage. */
  readonly aloneOnStorage: boolean;
  /** Whether to leave it at what has been done. */
  readonly stopped: () => boolean;
  /** Told how many directories a worker has tried, again and again also while others are waited for. */
  readonly onProgress: (tried: number, total: number) => void;
  readonly nowMs: () => number;
}

/**
 * Removes the directories that the workers have made. A directory of one worker may hold one of another, or objects
 * that another agent is about to delete: what is not empty yet is tried again for a while.
 *
 * @returns a failure for each directory that is left
 */
export async function removeDirectories(removal: DirectoryRemoval): Promise<readonly ErrorGroup[]> {
  const { fleet, onProgress } = removal;
  const unlisten = fleet.listen((event) => {
    if (event.type === 'removing-directories') onProgress(event.tried, event.total);
  });
  try {
    return await removeInTurns(removal);
  } finally {
    unlisten();
  }
}

async function removeInTurns(removal: DirectoryRemoval): Promise<readonly ErrorGroup[]> {
  const { aloneOnStorage, fleet, nowMs, onProgress, stopped } = removal;
  const removeOf = async (worker: FleetWorker): Promise<readonly ErrorGroup[]> => {
    const answer = await fleet.ask(worker, (request) => ({ type: 'remove-directories', request }));
    return answer.type === 'directories-removed' ? answer.left : [];
  };
  let waitsUntilMs = 0;
  for (let before = Infinity; ;) {
    const answers = await Promise.all(fleet.workers.map(removeOf));
    // Two workers may have made the same directory, each another part of the way to it.
    const left = [...new Map(answers.flat().map((group) => [group.key, group])).values()];
    if (left.length < before) waitsUntilMs = nowMs() + (aloneOnStorage ? WAIT_ALONE_MS : WAIT_MS);
    before = left.length;
    if (left.length === 0 || stopped() || nowMs() >= waitsUntilMs) return left;
    onProgress(0, left.length);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
