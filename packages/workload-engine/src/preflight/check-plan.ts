import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import { type AgentPlan, storeNeeds } from '@sai3bench/workload-config';
import type { ThreadLayout } from '../host/thread-layout.ts';
import { checkFiles } from './check-files.ts';
import { checkHost } from './check-host.ts';
import { checkS3 } from './check-s3.ts';
import { Checklist } from './checklist.ts';
import type { Finding } from './finding.ts';

/**
 * Checks whether a plan can be carried out from this host: every endpoint of every store, for what this plan needs
 * and nothing more. File systems are looked at with blocking calls, so run it in a process that can be killed.
 *
 * @param layout the threads that would carry it out
 * @param onFinding called for each result
 * @param onChecking told what is about to be checked
 */
export async function checkPlan(
  plan: AgentPlan,
  layout: ThreadLayout,
  onFinding: (finding: Finding) => void,
  onChecking: (what: string) => void,
): Promise<void> {
  await checkHost(plan, layout, new Checklist('', onFinding, onChecking));
  const needs = storeNeeds(plan);
  for (const [index, { endpoints }] of plan.stores.entries()) {
    const storeNeed = needs[index];
    if (storeNeed === undefined) continue;
    for (const address of endpoints) {
      const checks = new Checklist(address, onFinding, onChecking);
      const uri = parseStoreUri(address);
      if (isFileUri(uri)) await checkFiles(uri, storeNeed, checks);
      else if (uri.scheme === 's3') await checkS3(address, uri, storeNeed, checks, plan.s3);
      else checks.report('info', 'CONFIG', 'address', 'null: is no storage; nothing to check');
    }
  }
}
