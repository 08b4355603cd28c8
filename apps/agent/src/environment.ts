import { readFileSync } from 'node:fs';
import { arch, cpus, hostname, loadavg, platform, release, totalmem, userInfo } from 'node:os';
import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import type { AgentPlan } from '@sai3bench/workload-config';
import {
  findMount,
  readCpuLimits,
  readMounts,
  type ThreadLayout,
  usableCpus,
} from '@sai3bench/workload-engine';
import { VERSION } from './version.ts';

/** What a result must name to be comparable: the machine that the load came from. */
export interface Environment {
  readonly agent_version: string;
  readonly node_version: string;
  readonly hostname: string;
  readonly platform: string;
  readonly arch: string;
  readonly kernel: string;
  readonly cpu_model: string;
  readonly cpus: number;
  readonly usable_cpus: number;
  /** Processor time that control groups allow, in processors. */
  readonly cpu_quota: number | null;
  readonly worker_threads: number;
  /** Why there are as many. */
  readonly worker_threads_reason: string;
  readonly memory_bytes: number;
  readonly load_average: readonly number[];
  readonly user: string;
  readonly max_open_files: number | null;
  readonly port_range: string | null;
  /** The mounts that file targets lie on. */
  readonly mounts: readonly MountOfTarget[];
}

/** A mount, as mounts(5) describes it. */
export interface MountOfTarget {
  readonly target: string;
  readonly mount_point: string;
  readonly device: string;
  readonly type: string;
  readonly options: string;
}

/** Reads what this host tells of itself. No target is touched. */
export function readEnvironment(plan: AgentPlan, layout: ThreadLayout): Environment {
  const limits = readCpuLimits();
  const mounts = readMounts();
  return {
    agent_version: VERSION,
    node_version: process.version,
    hostname: hostname(),
    platform: platform(),
    arch: arch(),
    kernel: release(),
    cpu_model: cpus()[0]?.model ?? 'unknown',
    cpus: limits.cpus,
    usable_cpus: usableCpus(limits),
    cpu_quota: limits.quotaCpus ?? null,
    worker_threads: layout.slots.length,
    worker_threads_reason: layout.reason,
    memory_bytes: totalmem(),
    load_average: loadavg(),
    user: userInfo().username,
    max_open_files: maxOpenFiles(readText('/proc/self/limits')),
    port_range:
      readText('/proc/sys/net/ipv4/ip_local_port_range')?.trim().replace(/\s+/, '-') ?? null,
    mounts: plan.stores
      .flatMap(({ endpoints }) => endpoints)
      .flatMap((address) => {
        const uri = parseStoreUri(address);
        const mount = isFileUri(uri) ? findMount(mounts, uri.path) : undefined;
        if (mount === undefined) return [];
        const { point, ...rest } = mount;
        return [{ target: address, mount_point: point, ...rest }];
      }),
  };
}

function maxOpenFiles(limits: string | undefined): number | null {
  const soft = /^Max open files +(\d+)/m.exec(limits ?? '')?.[1];
  return soft === undefined ? null : Number(soft);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux: that part of the record stays empty.
    return undefined;
  }
}
