import { readFileSync } from 'node:fs';
import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import { formatBytes, formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { ThreadLayout } from '../host/thread-layout.ts';
import { hostMemoryBytes } from '../memory/host-memory.ts';
import { bufferNeeds } from '../memory/buffer-needs.ts';
import { planPayloadMemory } from '../memory/payload-memory.ts';
import type { Checklist } from './checklist.ts';

/** File handles that a process needs besides one for each operation in flight. */
const SPARE_HANDLES = 128;

/** Checks what the host itself must offer: enough file handles and memory for the operations in flight. */
export async function checkHost(
  plan: AgentPlan,
  layout: ThreadLayout,
  checks: Checklist,
): Promise<void> {
  await checks.attempt('limits', () => {
    const limit = openFilesLimit();
    const needed = openFilesOf(plan, layout) + SPARE_HANDLES;
    if (limit === undefined || limit >= needed) return;
    checks.report(
      'error',
      'RESOURCE',
      'limits',
      `${String(plan.concurrency)} operations in flight in ${String(layout.slots.length)} worker threads need about ${String(needed)} open files, but the limit is ${String(limit)}`,
      'raise the limit with ulimit -n before starting the agent, or lower concurrency, --workers or the number of endpoints',
    );
  });
  await checks.attempt('memory', () => {
    checkMemory(plan, layout, checks);
  });
  const endpoints = plan.stores[0]?.endpoints.length ?? 1;
  if (plan.concurrency < endpoints) {
    checks.report(
      'warning',
      'CONFIG',
      'concurrency',
      `concurrency ${String(plan.concurrency)} is less than the number of endpoints (${String(endpoints)}): some are idle at any moment`,
      'raise concurrency to at least the number of endpoints',
    );
  }
}

/**
 * Files and sockets that may be open at once: one for each operation in flight, or part of an object, and at least one for each worker
 * thread and S3 endpoint, because connections are kept.
 */
function openFilesOf(plan: AgentPlan, { slots }: ThreadLayout): number {
  const { lanes } = bufferNeeds(plan);
  const sockets = plan.stores
    .flatMap(({ endpoints }) => endpoints)
    .filter((endpoint) => !isFileUri(parseStoreUri(endpoint))).length;
  return slots.reduce((sum, inFlight) => sum + Math.max(inFlight * lanes, sockets), 0);
}

function checkMemory(plan: AgentPlan, { slots }: ThreadLayout, checks: Checklist): void {
  const { chunkBytes, reduced, totalBytes } = planPayloadMemory(plan, slots, hostMemoryBytes());
  if (!reduced) return;
  checks.report(
    'info',
    'RESOURCE',
    'memory',
    `payloads are made, and files read, in pieces of ${formatBytes(chunkBytes)}, so that ${formatCount(plan.concurrency)} operations in flight take no more than ${formatBytes(totalBytes)} of memory`,
  );
}

/** The soft limit of open files, from proc(5); undefined where the system does not tell or there is none. */
function openFilesLimit(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files +(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    // Not Linux: nothing is known of the limit.
    return undefined;
  }
}
