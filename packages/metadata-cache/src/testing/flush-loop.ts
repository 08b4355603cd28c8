// A process that marks objects and flushes, again and again, and says after every flush how far it has come.
//
//   node flush-loop.ts DIRECTORY COUNT
import { MetadataCache } from '../cache/metadata-cache.ts';
import { ObjectStates } from '../states/object-states.ts';
import { allocateObjectStates } from '../states/state-memory.ts';

const [directory = '', count = '0'] = process.argv.slice(2);
const states = new ObjectStates(allocateObjectStates(Number(count)), Number(count));
const cache = await MetadataCache.open({ directory, bootId: 'boot', now: () => new Date() });
await cache.attach({ identity: 'pool', begin: 0, generation: 1, states });

/** Objects are marked in this order: large steps, so that every flush changes many segments. */
const STEP = 7_919;
for (let done = 0; ;) {
  const next = done + 1 + ((done * 31) % 700);
  for (; done < next; done++) states.set((done * STEP) % states.count, 'created');
  try {
    await cache.flush();
    process.stdout.write(`flushed ${String(done)}\n`);
  } catch (error) {
    process.stdout.write(`failed ${(error as { code: string }).code} at ${String(done)}\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
