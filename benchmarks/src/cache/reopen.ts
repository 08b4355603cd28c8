import type { ObjectStates } from '@sai3bench/metadata-cache';
import { median } from '../measure.ts';
import {
  attach,
  type CacheOptions,
  inDirectory,
  makeStates,
  mix,
  open,
  sizeOf,
  timed,
} from './measured-cache.ts';
import type { Result } from './result.ts';

/** A cache of all objects in random states: its size, and opening it and finding the missing ones. */
export async function reopen({ directory: parent, objects }: CacheOptions): Promise<Result[]> {
  const results: Result[] = [];
  for (const [name, change] of [
    [
      '112 of them missing',
      (states: ObjectStates) => {
        states.fill(0, objects, 'created');
        for (let n = 0; n < 112; n++) states.set((n * 571_427) % objects, 'creating');
      },
    ],
    ['in random states', mix],
  ] as const) {
    await inDirectory(parent, async (directory) => {
      const states = makeStates(objects);
      const cache = await open(directory);
      await attach(cache, states);
      change(states);
      let largest = 0;
      const watch = setInterval(() => {
        largest = Math.max(largest, sizeOf(directory));
      }, 5);
      const flushMs = await timed(() => cache.flush());
      clearInterval(watch);
      await cache.close();
      const times: number[] = [];
      const expected = objects - states.countOf('created');
      const before = process.cpuUsage();
      for (let round = 0; round < 5; round++) {
        const found = makeStates(objects);
        times.push(
          await timed(async () => {
            const again = await open(directory);
            await attach(again, found);
            let missing = 0;
            for (let begin = found.nextNotIn('created', 0); begin < objects;) {
              const end = found.nextIn('created', begin);
              missing += end - begin;
              begin = found.nextNotIn('created', end);
            }
            if (missing !== expected) throw new Error('objects are lost');
            await again.close();
          }),
        );
      }
      const cpu = process.cpuUsage(before);
      const cpuMs = (cpu.user + cpu.system) / 1000 / times.length;
      results.push(
        { what: `room on disk, ${name}`, value: sizeOf(directory), unit: 'MB', target: 32 },
        {
          what: `room on disk while that is written, at most`,
          value: largest,
          unit: 'MB',
          target: 32,
        },
        { what: `first flush, ${name}`, value: flushMs, unit: 'ms' },
        {
          what: `opening and finding the missing, ${name}`,
          value: median(times),
          unit: 'ms',
          target: 1000,
        },
        { what: `processor time of that, ${name}`, value: cpuMs, unit: 'ms' },
      );
    });
  }
  return results;
}
