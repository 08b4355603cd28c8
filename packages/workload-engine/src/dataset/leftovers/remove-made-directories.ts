import { BenchError, summarizeError } from '@sai3bench/errors';
import { isFileUri } from '@sai3bench/store-uri';
import { formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { endpointUris } from '../../endpoint-uris.ts';
import type { Notify } from '../notify.ts';
import type { OnProgress } from '../on-progress.ts';
import type { KeptPool } from '../pools/kept-pool.ts';
import type { SideStore } from '../side-store/side-store.ts';
import { removeEmptyDirectories } from './empty-directories.ts';

/** What removing a run's directories needs to know of it. */
export interface DirectoryRemoval {
  readonly plan: AgentPlan;
  readonly pools: readonly KeptPool[];
  readonly storeOf: (store: number) => Promise<SideStore>;
  readonly signal: AbortSignal;
  readonly notify: Notify;
  readonly onProgress: OnProgress;
}

/** Removes the directories that this run or earlier ones have made for objects that are gone. Never rejects. */
export async function removeMadeDirectories(options: DirectoryRemoval): Promise<void> {
  const { notify, onProgress, plan, pools, signal, storeOf } = options;
  for (const { objects } of pools) {
    const { store } = objects.plan;
    if (!endpointUris(plan, store).every(isFileUri)) continue;
    try {
      const left = await removeEmptyDirectories(objects, {
        store: await storeOf(store),
        share: plan.share,
        signal,
        nowMs: () => performance.now(),
        onProgress: (done, total) => {
          onProgress('removing directories', done, total);
        },
      });
      if (left > 0) {
        const directories = left === 1 ? '1 directory is' : `${formatCount(left)} directories are`;
        notify('warn', `⚠ ${directories} not empty, and left: nobody knows what is in there`);
      }
    } catch (error) {
      notify('warn', `⚠ Directories are left: ${summarizeError(BenchError.from(error))}`);
    }
  }
}
