import { BenchError, summarizeError } from '@sai3bench/errors';
import { formatCount } from '@sai3bench/units';
import type { KeptPool } from './kept-pool.ts';
import { isLasting, lookForUnknown, probePool, type SearchOptions } from './resolve-objects.ts';

/**
 * Gets ready for a stage that uses objects which the run itself has not prepared: some of those that are said to exist
 * are looked at, and what is in doubt is looked for. What nobody has ever known anything of is taken to be there. Where
 * nothing can be looked at, that is told, and what is known is believed.
 */
export async function reviewObjects(options: SearchOptions): Promise<void> {
  await eachPool(options, async (pool) => {
    const store = await options.storeOf(pool.objects.plan.store);
    const problem = await probePool(pool, store, options);
    if (problem !== undefined) {
      const doubted = pool.doubt('created', 0, pool.states.count);
      tellMismatch(options, problem, `${formatCount(doubted)} objects are verified`);
    }
    if (!pool.isDoubted) return;
    if (options.plan.prepare.skipVerification) pool.assumeFound();
    await lookForUnknown(pool, store, options, {
      broken: 'they are not used',
      otherSize: 'they are used as they are',
    });
  });
  for (const pool of options.pools) pool.settle();
}

/**
 * Gets ready for a clean-up of objects that the run itself has not prepared: where some of those that are said to exist
 * do not, none is taken to. To delete what may be gone already needs no search.
 */
export async function reviewBeforeCleanup(options: SearchOptions): Promise<void> {
  await eachPool(options, async (pool) => {
    pool.takeForPossible();
    const store = await options.storeOf(pool.objects.plan.store);
    const problem = await probePool(pool, store, options);
    if (problem === undefined) return;
    const doubted = pool.states.replace('created', 'creating');
    tellMismatch(options, problem, `${formatCount(doubted)} objects are deleted if they are there`);
  });
}

async function eachPool(
  options: SearchOptions,
  review: (pool: KeptPool) => Promise<void>,
): Promise<void> {
  for (const pool of options.pools) {
    if (!isLasting(pool, options.plan)) continue;
    try {
      await review(pool);
    } catch (error) {
      if (!BenchError.is(error) || options.signal.aborted) throw error;
      options.notify(
        'warn',
        `⚠ It could not be looked whether the objects of ${pool.objects.plan.prefix}${pool.objects.plan.name} are there: ${summarizeError(error)}`,
      );
    }
  }
}

function tellMismatch({ notify }: SearchOptions, problem: string, consequence: string): void {
  notify('warn', `⚠ The cache does not fit the storage (${problem}): ${consequence}`);
}
