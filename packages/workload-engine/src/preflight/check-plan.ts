import { parseStoreUri } from '@sai3bench/store-uri';
import type { ThreadLayout } from '../host/thread-layout.ts';
import type { CheckContext } from './check-context.ts';
import { checkFiles } from './check-files.ts';
import { checkHost } from './check-host.ts';
import { checkS3 } from './check-s3.ts';
import { Checklist } from './checklist.ts';
import { checkProbeId } from './probe-names.ts';

/**
 * Checks whether a plan can be carried out from this host: every endpoint and directory of every store, for what this plan
 * needs and nothing more. Whatever is written for it is removed. Threads may be left that a call into a file system has not
 * come back to: run it in a process that can be killed.
 *
 * @param layout the threads that would carry the plan out
 * @throws BenchError `PREFLIGHT_PROBE_ID` for an id that cannot be a part of names
 */
export async function checkPlan(context: CheckContext, layout: ThreadLayout): Promise<void> {
  checkProbeId(context.probeId);
  const checks = new Checklist('', context);
  await checkHost(context.plan, layout, checks);
  checkStores(context);
  await checkS3(context);
  await checkFiles(context);
}

/** Stages that run a program, or compare what an agent knows with the plan. */
const NEEDS_NO_STORAGE: ReadonlySet<string> = new Set(['custom', 'validation']);

/** A plan without storage must not pass for one whose storage is well. */
function checkStores(context: CheckContext): void {
  const { stages, stores } = context.plan;
  const works = stages.some(({ kind }) => !NEEDS_NO_STORAGE.has(kind));
  if (works && stores.every(({ endpoints }) => endpoints.length === 0)) {
    new Checklist('', context).report(
      'error',
      'CONFIG',
      'address',
      'the plan of this agent names no storage: there is nothing to check and nothing to work on',
      'add target or multi_endpoint.endpoints to the workload file, or to the agent in distributed.agents',
    );
  }
  for (const { endpoints } of stores) {
    for (const address of endpoints) {
      if (parseStoreUri(address).scheme !== 'null') continue;
      const text = 'null: is no storage; nothing to check';
      new Checklist(address, context).report('info', 'CONFIG', 'address', text);
    }
  }
}
