import { BenchError, summarizeError } from '@sai3bench/errors';
import { formatCount } from '@sai3bench/units';
import type { KeptPool } from '../pools/kept-pool.ts';
import {
  doubtIfWrong,
  isLasting,
  lookForUnknown,
  probePool,
  type SearchOptions,
} from './resolve-objects.ts';

/**
 * Gets ready for a stage that uses objects which the run itself has not prepared: some of those that are said to exist
 * are looked at, and what is in doubt is looked for. What nobody has ever known anything of is taken to be there. Where
 * nothing can be looked at, that is told, and what is known is believed.
 */
export async function reviewObjects(options: SearchOptions): Promise<void> {
  await eachPool(options, async (pool) => {
    const store = await options.storeOf(pool.objects.plan.store);
    const doubted = await doubtIfWrong(pool, store, options);
    if (doubted !== undefined) {
      tellMismatch(
        options,
        doubted.problem,
        `${formatCount(doubted.objects)} objects are verified`,
      );
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
 * do not, none is taken to. To delete what may be gone already needs no search; but where somebody else has written in the
 * place of one, only what has our content is ours.
 */
export async function reviewBeforeCleanup(options: SearchOptions): Promise<void> {
  await eachPool(options, async (pool) => {
    pool.takeForPossible();
    const store = await options.storeOf(pool.objects.plan.store);
    const wrong = await probePool(pool, store, options);
    if (wrong === undefined) return;
    if (wrong.isForeign) {
      const mistrusted = pool.mistrust();
      const consequence = `of ${formatCount(mistrusted)} objects only those with the content of this workload are deleted`;
      tellMismatch(options, wrong.problem, consequence);
      return;
    }
    const doubted = pool.states.replace('created', 'creating');
    const consequence = `${formatCount(doubted)} objects are deleted if they are there`;
    tellMismatch(options, wrong.problem, consequence);
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
