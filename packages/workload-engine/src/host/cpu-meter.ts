import { readFileSync } from 'node:fs';
import type { CpuShare } from './host-messages.ts';

/** Processor times of the host, in clock ticks, as /proc/stat counts them (proc(5)). */
export interface CpuTimes {
  readonly user: number;
  readonly system: number;
  readonly iowait: number;
  readonly total: number;
}

const NOTHING: CpuTimes = { user: 0, system: 0, iowait: 0, total: 0 };

/** Measures how busy all processors of the host were between two readings. */
export class CpuMeter {
  #before = readTimes();

  /** Shares since the last call, in percent; zeros where the system does not tell. */
  read(): CpuShare {
    const now = readTimes();
    const shares = sharesBetween(this.#before, now);
    this.#before = now;
    return shares;
  }
}

/** Shares between two readings, in percent. The time of waiting for I/O may become less meanwhile (proc(5)), and so the total. */
export function sharesBetween(before: CpuTimes, now: CpuTimes): CpuShare {
  const total = now.total - before.total;
  const share = (part: 'user' | 'system' | 'iowait'): number =>
    total <= 0 ? 0 : Math.min(100, Math.max(0, ((now[part] - before[part]) / total) * 100));
  return { userPct: share('user'), systemPct: share('system'), iowaitPct: share('iowait') };
}

function readTimes(): CpuTimes {
  try {
    return parseTimes(readFileSync('/proc/stat', 'utf8'));
  } catch {
    // Not Linux: processor shares are reported as zero.
    return NOTHING;
  }
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
export function parseTimes(text: string): CpuTimes {
  const line = /^cpu +(.*)$/m.exec(text)?.[1];
  if (line === undefined) return NOTHING;
  const ticks = line.split(' ').slice(0, 8).map(Number);
  const [user = 0, nice = 0, system = 0, , iowait = 0, irq = 0, softirq = 0] = ticks;
  return {
    user: user + nice,
    system: system + irq + softirq,
    iowait,
    total: ticks.reduce((sum, value) => sum + value, 0),
  };
}
