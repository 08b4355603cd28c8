import type { KeyListMemory } from '../memory/key-list.ts';
import type { WorkerFleet } from './worker-fleet.ts';

/**
 * Lists the keys that an execute stage needs and that cannot be computed.
 *
 * @param listed receives them by entry; what the stage before has listed makes room
 * @param onSeen told how many objects were seen
 */
export async function listKeys(
  fleet: WorkerFleet,
  listed: Map<number, KeyListMemory>,
  onSeen: (objects: number) => void,
): Promise<void> {
  const entries = fleet.plan.operations.flatMap((operation, entry) =>
    'source' in operation && operation.source.type === 'listing' ? [entry] : [],
  );
  const [worker] = fleet.workers;
  if (entries.length === 0 || worker === undefined) return;
  listed.clear();
  const unlisten = fleet.listen((event) => {
    if (event.type === 'listing-keys') onSeen(event.seen);
  });
  try {
    const answer = await fleet.ask(worker, (request) => ({ type: 'list-keys', request, entries }));
    if (answer.type !== 'keys-listed') return;
    for (const [entry, keys] of answer.listed) listed.set(entry, keys);
  } finally {
    unlisten();
  }
}
