/**
 * Calls `step` again and again, several at once, until it returns false; the first failure ends all.
 *
 * @throws what a step has thrown, or the reason of the signal
 */
export async function inParallel(
  concurrency: number,
  signal: AbortSignal,
  step: () => Promise<boolean>,
): Promise<void> {
  let failed = false;
  const work = async (): Promise<void> => {
    try {
      while (!failed && !signal.aborted && (await step()));
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  signal.throwIfAborted();
}
