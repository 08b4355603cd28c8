import { readFileSync } from 'node:fs';

/** What a process and all its descendants use right now. Linux only. */
export interface ProcessUsage {
  readonly processes: number;
  /** Resident memory; what processes share counts once for each. */
  readonly rssBytes: number;
  /** Processor time since each of them started. */
  readonly cpuSeconds: number;
}

/** Clock ticks per second of /proc (`getconf CLK_TCK`), which is 100 on every Linux of today. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** A process that ends meanwhile counts nothing. */
export function processUsage(pid: number): ProcessUsage {
  let sum: ProcessUsage = { processes: 0, rssBytes: 0, cpuSeconds: 0 };
  for (const each of withDescendants(pid)) {
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${String(each)}/status`))?.[1];
    if (rss === undefined) continue;
    // The second field is a name in brackets, which may contain anything.
    const fields =
      read(`/proc/${String(each)}/stat`)
        .split(') ')
        .at(-1)
        ?.split(' ') ?? [];
    const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    sum = {
      processes: sum.processes + 1,
      rssBytes: sum.rssBytes + Number(rss) * KIB,
      cpuSeconds: sum.cpuSeconds + ticks / TICKS_PER_SECOND,
    };
  }
  return sum;
}

function withDescendants(pid: number): number[] {
  const children = read(`/proc/${String(pid)}/task/${String(pid)}/children`).split(' ');
  return [pid, ...children.filter(Boolean).flatMap((child) => withDescendants(Number(child)))];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
