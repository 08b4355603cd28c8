import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { formatBytes, formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config';
import { layOutThreads } from '../host/thread-layout.ts';
import { hostMemoryBytes } from '../memory/host-memory.ts';
import { planPayloadMemory } from '../memory/payload-memory.ts';
import type { Checklist } from './checklist.ts';

/** File handles that a process needs besides one for each operation in flight. */
const SPARE_HANDLES = 128;

/** Checks what the host itself must offer: enough file handles and memory for the operations in flight. */
export async function checkHost(plan: AgentPlan, checks: Checklist): Promise<void> {
  await checks.attempt('limits', () => {
    const limit = openFilesLimit();
    if (limit === undefined || limit >= plan.concurrency + SPARE_HANDLES) return;
    checks.report(
      'error',
      'RESOURCE',
      'limits',
      `${String(plan.concurrency)} operations in flight need about ${String(plan.concurrency + SPARE_HANDLES)} open files, but the limit is ${String(limit)}`,
      'raise the limit with ulimit -n before starting the agent, or lower concurrency',
    );
  });
  await checks.attempt('memory', () => {
    checkMemory(plan, checks);
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

function checkMemory(plan: AgentPlan, checks: Checklist): void {
  const { slots } = layOutThreads(plan, availableParallelism());
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
