import { median } from '../measure.ts';
import {
  attach,
  type CacheOptions,
  inDirectory,
  makeStates,
  open,
  sizeOf,
  timed,
} from './measured-cache.ts';
import type { Result } from './result.ts';

/** Consecutive objects, with a flush every second as in a prepare, and how much room that leaves taken. */
export async function prepare({ directory: parent, objects }: CacheOptions): Promise<Result[]> {
  return inDirectory(parent, async (directory) => {
    const states = makeStates(objects);
    states.fill(0, objects, 'planned');
    const cache = await open(directory);
    await attach(cache, states);
    await cache.flush();
    const step = 1_000_000;
    const marks: number[] = [];
    const flushes: number[] = [];
    let largest = 0;
    for (let begin = 0; begin < objects; begin += step) {
      const end = Math.min(begin + step, objects);
      marks.push(
        await timed(() => {
          for (let index = begin; index < end; index++) states.set(index, 'created');
        }),
      );
      flushes.push(await timed(() => cache.flush()));
      largest = Math.max(largest, sizeOf(directory));
    }
    await cache.close();
    const perSecond = (step / median(marks)) * 1000;
    return [
      {
        what: 'marking consecutive objects',
        value: perSecond / 1e6,
        unit: 'M/s',
        target: 1,
        atLeast: true,
      },
      { what: 'flush after a million of them', value: median(flushes), unit: 'ms', target: 100 },
      {
        what: 'room on disk while they are prepared, at most',
        value: largest,
        unit: 'MB',
        target: 32,
      },
      {
        what: 'room on disk once all are created',
        value: sizeOf(directory),
        unit: 'MB',
        target: 32,
      },
    ];
  });
}
