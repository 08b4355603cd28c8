import { readFileSync } from 'node:fs';
import { parseStoreUri } from '@sai3bench/store-uri';
import { formatBytes, formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import type { ThreadLayout } from '../host/thread-layout.ts';
import { hostMemoryBytes } from '../memory/host-memory.ts';
import { bufferNeeds } from '../memory/buffer-needs.ts';
import { planPayloadMemory } from '../memory/payload-memory.ts';
import type { Checklist } from './checklist.ts';

/** File handles that a process needs besides one for each operation in flight. */
const SPARE_HANDLES = 128;
/** How long Linux keeps the port of a connection that was closed. */
const TIME_WAIT_SECONDS = 60;
const PORT_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

/** Checks what the host itself must offer for the operations in flight: file handles, local ports, memory. */
export async function checkHost(
  plan: AgentPlan,
  layout: ThreadLayout,
  checks: Checklist,
): Promise<void> {
  await checks.attempt('limits', () => {
    checkOpenFiles(plan, layout, checks);
  });
  await checks.attempt('ports', () => {
    checkPorts(plan, checks);
  });
  await checks.attempt('memory', () => {
    checkMemory(plan, layout, checks);
  });
  await checks.attempt('concurrency', () => {
    checkConcurrency(plan, checks);
  });
}

function checkOpenFiles(plan: AgentPlan, layout: ThreadLayout, checks: Checklist): void {
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
}

/** Connections to one server need a local port each; those of different servers can have the same. */
function checkPorts(plan: AgentPlan, checks: Checklist): void {
  if (!plan.stores.some(({ endpoints }) => endpoints.some(isS3))) return;
  const ports = localPorts(readIfThere(PORT_RANGE));
  if (ports === undefined) return;
  const connections = plan.concurrency * bufferNeeds(plan).lanes;
  const needs = `${formatCount(connections)} connections may be open to one endpoint`;
  const has = `this host has ${formatCount(ports)} local ports`;
  if (connections > ports) {
    checks.report(
      'error',
      'RESOURCE',
      'ports',
      `${needs}, but ${has}`,
      'widen net.ipv4.ip_local_port_range, or lower concurrency or s3.multipart.parallel',
    );
  } else if (plan.s3?.keepAlive === false) {
    checks.report(
      'warning',
      'RESOURCE',
      'ports',
      `${has}, and s3.keep_alive is false: a port is free again a minute after its request, so that no more than about ${formatCount(Math.floor(ports / TIME_WAIT_SECONDS))} requests per second go to one endpoint`,
      'keep connections alive, or widen net.ipv4.ip_local_port_range',
    );
  }
}

/**
 * No more than a warning: whichever endpoint an operation goes to, it is carried out with any concurrency. It is only that
 * endpoints without an operation do not show what they can do.
 */
function checkConcurrency({ concurrency, stores }: AgentPlan, checks: Checklist): void {
  const most = Math.max(0, ...stores.map(({ endpoints }) => endpoints.length));
  if (concurrency >= most) return;
  checks.report(
    'warning',
    'CONFIG',
    'concurrency',
    `concurrency ${String(concurrency)} is less than the number of endpoints (${String(most)}): some are idle at any moment`,
    'raise concurrency to at least the number of endpoints',
  );
}

function isS3(endpoint: string): boolean {
  return parseStoreUri(endpoint).scheme === 's3';
}

/**
 * Files and sockets that may be open at once: one for each operation in flight, or part of an object, and at least one for each worker
 * thread and S3 endpoint, because connections are kept.
 */
function openFilesOf(plan: AgentPlan, { slots }: ThreadLayout): number {
  const { lanes } = bufferNeeds(plan);
  const sockets = plan.stores.flatMap(({ endpoints }) => endpoints).filter(isS3).length;
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
  const soft = /^Max open files +(\d+)/m.exec(readIfThere('/proc/self/limits') ?? '')?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/**
 * How many ports there are for connections of this host; undefined where the system does not tell.
 *
 * @param range what ip_local_port_range says
 */
export function localPorts(range: string | undefined): number | undefined {
  const [, first, last] = /^\s*(\d+)\s+(\d+)/.exec(range ?? '') ?? [];
  return first === undefined || last === undefined ? undefined : Number(last) - Number(first) + 1;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux: nothing is known of limits.
    return undefined;
  }
}
