import type { FoundPlace } from './found-place.ts';
import { realPlaceOf } from './real-place.ts';

/**
 * Entry point of a process that finds out where paths lead. A path on a mount that hangs holds up nothing but itself: not
 * the other paths, each of which has a thread, and not the agent, which kills this process.
 */
process.once('message', (paths: readonly string[]) => {
  void Promise.all(paths.map(async (path) => tell(await find(path)))).then(() => {
    process.disconnect();
  });
});
// Also when the agent is gone, whom nothing needs to be told any more.
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGKILL');
});

/** Resolves when it is on its way: what is not, is lost with the connection. */
function tell(found: FoundPlace): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(found, () => {
      resolve();
    });
  });
}

async function find(path: string): Promise<FoundPlace> {
  try {
    return { path, place: await realPlaceOf(path) };
  } catch (error) {
    return { path, why: (error as Error).message };
  }
}
