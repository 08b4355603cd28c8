import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { BenchError } from '@sai3bench/errors';
import { formatDecimal } from '@sai3bench/units';
import { cpuQuota } from './cpu-quota.ts';

/** Most worker threads that can be asked for. Memory for their counts is set aside for four times as many. */
export const MAX_WORKERS_WANTED = 256;

/** The processors of this host, and what limits their use. */
export interface CpuLimits {
  /** Processors of the host. */
  readonly cpus: number;
  /** Processors that this process may run on: affinity and cpuset. */
  readonly allowedCpus: number;
  /** Processor time that control groups allow, in processors; undefined without a limit. */
  readonly quotaCpus: number | undefined;
}

/** How many worker threads to start where the plan leaves the choice, and why so many. */
export interface WorkerChoice {
  readonly workers: number;
  readonly reason: string;
}

/** Reads what limits this process on this host. */
export function readCpuLimits(): CpuLimits {
  return {
    cpus: cpus().length,
    allowedCpus: availableParallelism(),
    quotaCpus: cpuQuota(readText),
  };
}

/**
 * Processors that can be kept busy. A part of one does not count: more threads than the quota feeds would be
 * stopped in the middle of their work, which would look like latency of the storage.
 */
export function usableCpus({ allowedCpus, quotaCpus = Infinity }: CpuLimits): number {
  return Math.max(1, Math.min(allowedCpus, Math.floor(quotaCpus)));
}

/**
 * How many worker threads to start: as many as are wanted, else one for each usable processor.
 *
 * @param wanted what the command line says, if it says it
 */
export function chooseWorkers(wanted: number | undefined, limits: CpuLimits): WorkerChoice {
  if (wanted !== undefined) return { workers: wanted, reason: '--workers' };
  const workers = usableCpus(limits);
  const { allowedCpus, cpus: all, quotaCpus } = limits;
  const perCpu = 'one for each CPU that may be used';
  if (quotaCpus !== undefined && quotaCpus < all && Math.floor(quotaCpus) <= allowedCpus) {
    const quota = formatDecimal(quotaCpus, Number.isInteger(quotaCpus) ? 0 : 2);
    return { workers, reason: `${perCpu}: the control group limits it to ${quota} of ${all}` };
  }
  if (allowedCpus < all) {
    return { workers, reason: `${perCpu}: affinity limits it to ${allowedCpus} of ${all}` };
  }
  return { workers, reason: 'one for each CPU' };
}

/**
 * The value of an option `--workers`.
 *
 * @throws BenchError `WORKERS_INVALID` when it is not a number of worker threads
 */
export function parseWorkers(text: string): number {
  const workers = /^\d+$/.test(text) ? Number(text) : 0;
  if (workers >= 1 && workers <= MAX_WORKERS_WANTED) return workers;
  throw new BenchError(
    `--workers must be a whole number from 1 to ${MAX_WORKERS_WANTED}, not "${text}"`,
    {
      code: 'WORKERS_INVALID',
      class: 'config',
      hint: 'leave --workers out for one worker thread for each CPU that may be used',
    },
  );
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux, or not this version of control groups: nothing limits from there.
    return undefined;
  }
}
