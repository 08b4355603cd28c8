import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../measure.ts';
import {
  attach,
  type CacheOptions,
  inDirectory,
  makeStates,
  MEGABYTE,
  open,
  sizeOf,
  timed,
} from './measured-cache.ts';
import type { Result } from './result.ts';

/** Random changes at a steady rate, with a flush every second. */
export async function randomChanges({
  directory: parent,
  randomObjects: count,
  seconds,
}: CacheOptions): Promise<Result[]> {
  const perTick = 400;
  const tickMs = 20;
  return inDirectory(parent, async (directory) => {
    const states = makeStates(count);
    states.fill(0, count, 'created');
    const cache = await open(directory);
    await attach(cache, states);
    await cache.flush();
    const flushes: number[] = [];
    const bytes: number[] = [];
    const before = process.cpuUsage();
    const beginMs = performance.now();
    let nextFlushMs = beginMs + 1000;
    let changes = 0;
    let flushing: Promise<void> | undefined;
    while (performance.now() - beginMs < seconds * 1000) {
      const due = ((performance.now() - beginMs) / tickMs) * perTick;
      for (; changes < due; changes++) {
        const index = Math.floor(Math.random() * count);
        states.set(index, changes % 2 === 0 ? 'deleted' : 'creating');
      }
      if (performance.now() >= nextFlushMs && flushing === undefined) {
        nextFlushMs += 1000;
        const flushBeginMs = performance.now();
        flushing = cache.flush().then(({ writtenBytes }) => {
          flushes.push(performance.now() - flushBeginMs);
          bytes.push(writtenBytes);
          flushing = undefined;
        });
      }
      await sleep(tickMs);
    }
    await flushing;
    const cpu = process.cpuUsage(before);
    const elapsedMs = performance.now() - beginMs;
    const sizeMb = sizeOf(directory);
    const expected = states.counts();
    await cache.close();
    const found = makeStates(count);
    const again = await open(directory);
    const openMs = await timed(() => attach(again, found));
    if (JSON.stringify(found.counts()) !== JSON.stringify(expected))
      throw new Error('changes are lost');
    await again.close();
    const sharePct = ((cpu.user + cpu.system) / 1000 / elapsedMs) * 100;
    return [
      {
        what: 'random changes',
        value: (changes / elapsedMs) * 1000,
        unit: '/s',
        target: 20_000 * 0.98,
        atLeast: true,
      },
      { what: 'processor share of changes and flushes', value: sharePct, unit: '%', target: 5 },
      { what: 'flush of random changes, median', value: median(flushes), unit: 'ms', target: 100 },
      { what: 'flush of random changes, longest', value: Math.max(...flushes), unit: 'ms' },
      { what: 'written by a flush, median', value: median(bytes) / MEGABYTE, unit: 'MB' },
      { what: 'room on disk after random changes', value: sizeMb, unit: 'MB' },
      { what: 'attaching that again', value: openMs, unit: 'ms' },
    ];
  });
}
