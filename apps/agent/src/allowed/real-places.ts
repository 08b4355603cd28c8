import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FoundPlace } from './found-place.ts';

/** The process runs from source or from the build, like the module that starts it. */
const MAIN = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? 'real-place-main.ts' : 'real-place-main.js',
    import.meta.url,
  ),
);

/** How long storage may take to tell where a path leads before it counts as hung. */
const LIMIT_MS = 5_000;

/** What libuv accepts. */
const MAX_THREADS = 1_024;

/** Finds out where paths lead; those that are not in the answer did not answer in time. */
export type FindPlaces = (paths: readonly string[]) => Promise<readonly FoundPlace[]>;

/** Finds out where absolute paths lead, in a process of its own: storage that hangs must never hang the agent. */
export async function findRealPlaces(
  paths: readonly string[],
  limitMs = LIMIT_MS,
): Promise<readonly FoundPlace[]> {
  const found: FoundPlace[] = [];
  const child = fork(MAIN, {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { UV_THREADPOOL_SIZE: String(Math.min(paths.length, MAX_THREADS)) },
  });
  child.on('message', (each: FoundPlace) => {
    found.push(each);
  });
  // A child that cannot be told disconnects; paths of which nothing was found are the caller's to refuse.
  child.send(paths, () => undefined);
  await endOf(child, limitMs);
  return found;
}

/** Waits until a process has told all that it has to tell; ends it when that takes too long. */
async function endOf(child: ChildProcess, limitMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    const over = (): void => {
      clearTimeout(timer);
      resolve();
    };
    child.once('disconnect', over);
    child.once('error', over);
  });
  child.kill('SIGKILL');
  // In a call that never returns it stays, and may not keep the agent from ending.
  child.unref();
  child.channel?.unref();
}
