import type { ErrorGroup } from '../stage/error-journal.ts';
import type { FleetWorker, WorkerFleet } from './worker-fleet.ts';

/** Attempts to remove directories, and the pause between them. */
const ATTEMPTS = 10;
const PAUSE_MS = 100;

/**
 * Removes the directories that the workers have made. A directory of one worker may hold one of another, or objects
 * that another agent is about to delete: what is not empty yet is tried again for a while.
 *
 * @param stopped whether to leave it at that
 * @returns a failure for each directory that is left
 */
export async function removeDirectories(
  fleet: Pick<WorkerFleet, 'ask' | 'workers'>,
  stopped: () => boolean,
): Promise<readonly ErrorGroup[]> {
  const removeOf = async (worker: FleetWorker): Promise<readonly ErrorGroup[]> => {
    const answer = await fleet.ask(worker, (request) => ({ type: 'remove-directories', request }));
    return answer.type === 'directories-removed' ? answer.left : [];
  };
  for (let attempt = 1; ; attempt++) {
    const answers = await Promise.all(fleet.workers.map(removeOf));
    // Two workers may have made the same directory, each another part of the way to it.
    const left = [...new Map(answers.flat().map((group) => [group.key, group])).values()];
    if (left.length === 0 || attempt === ATTEMPTS || stopped()) return left;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
