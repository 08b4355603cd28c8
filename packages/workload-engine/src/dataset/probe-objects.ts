import type { ObjectStates } from '@sai3bench/metadata-cache';
import type { Random } from '../selection/random.ts';
import type { PoolObjects } from '../stage/pool-objects.ts';
import type { SideStore } from './side-store.ts';

/** Objects that are looked at besides the newest. */
const PROBES = 64;

/** An object that is not what is known of it. */
export interface Mismatch {
  readonly key: string;
  readonly problem: string;
}

/**
 * Looks whether objects that are said to be created are there, with the length that they were written with: some at
 * random, and the one with the highest number, which is among the last that were made.
 *
 * @returns those for which that is not so
 */
export async function probeObjects(
  objects: PoolObjects,
  states: ObjectStates,
  store: SideStore,
  random: Random,
): Promise<readonly Mismatch[]> {
  const positions = chooseProbes(states, random);
  const mismatches = await Promise.all(
    positions.map((position) => probe(objects, objects.plan.own.begin + position, store)),
  );
  return mismatches.filter((mismatch) => mismatch !== undefined);
}

async function probe(
  { dataset }: PoolObjects,
  index: number,
  store: SideStore,
): Promise<Mismatch | undefined> {
  const key = dataset.keyOf(index);
  const expectedBytes = dataset.sizeOf(index);
  const sizeBytes = await store.stat(key);
  if (sizeBytes === undefined) return { key, problem: 'is not there' };
  if (sizeBytes === expectedBytes) return undefined;
  return {
    key,
    problem: `has ${String(sizeBytes)} bytes, but was written with ${String(expectedBytes)}`,
  };
}

/** Positions of created objects: some after random places, all where there are few, and the last one. */
export function chooseProbes(states: ObjectStates, random: Random): number[] {
  const chosen = new Set<number>();
  const wanted = Math.min(PROBES, states.countOf('created'));
  while (chosen.size < wanted) {
    let position = nextCreated(states, random.below(states.count));
    while (chosen.has(position)) position = nextCreated(states, position + 1);
    chosen.add(position);
  }
  const last = lastCreated(states);
  if (last !== undefined) chosen.add(last);
  return [...chosen];
}

/** The first created object from a position on, or else from the beginning on; there is one. */
function nextCreated(states: ObjectStates, from: number): number {
  const next = states.nextIn('created', from);
  return next < states.count ? next : states.nextIn('created', 0);
}

/** The created object with the highest number, found in steps that grow from the end. */
function lastCreated(states: ObjectStates): number | undefined {
  let end = states.count;
  for (let step = 1024; end > 0; step *= 2) {
    const begin = Math.max(0, end - step);
    let last: number | undefined;
    for (
      let position = states.nextIn('created', begin);
      position < end;
      position = states.nextIn('created', position + 1)
    ) {
      last = position;
    }
    if (last !== undefined) return last;
    end = begin;
  }
  return undefined;
}
