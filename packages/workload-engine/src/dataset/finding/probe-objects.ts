import { BenchError } from '@sai3bench/errors';
import type { ObjectStates } from '@sai3bench/metadata-cache';
import type { Random } from '../../selection/random.ts';
import type { PoolObjects } from '../../stage/pool-objects.ts';
import type { ContentOrigin } from '../pools/content-origin.ts';
import { originOf } from '../pools/object-origin.ts';
import type { SideStore } from '../side-store/side-store.ts';

/** Objects that are looked at besides the newest. */
const PROBES = 64;

/** An object that is not what is known of it. */
export interface Mismatch {
  readonly key: string;
  readonly problem: string;
  /** Whether there is one that somebody else has written. */
  readonly isForeign: boolean;
}

/** What looking at objects needs. */
export interface ProbeOptions {
  readonly objects: PoolObjects;
  readonly states: ObjectStates;
  readonly store: Pick<SideStore, 'stat' | 'head'>;
  readonly origin: ContentOrigin;
  readonly random: Random;
}

/**
 * Looks whether objects that are said to be created are there, with the length and, in their first block, the content
 * that they were written with: some at random, and the one with the highest number, which is among the last that were
 * made. One that may not be read is believed to be so, as long as its length is right.
 *
 * @returns those for which that is not so
 * @throws BenchError when an object cannot be looked at
 */
export async function probeObjects(options: ProbeOptions): Promise<readonly Mismatch[]> {
  const positions = chooseProbes(options.states, options.random);
  const mismatches = await Promise.all(positions.map((position) => probe(position, options)));
  return mismatches.filter((mismatch) => mismatch !== undefined);
}

async function probe(
  position: number,
  { objects, origin, store }: ProbeOptions,
): Promise<Mismatch | undefined> {
  const { dataset } = objects;
  const index = objects.plan.own.begin + position;
  const key = dataset.keyOf(index);
  const plannedBytes = dataset.sizeOf(index);
  const sizeBytes = await store.stat(key);
  if (sizeBytes === undefined) return { key, problem: 'is not there', isForeign: false };
  const isForeign = await isNotOurs(
    objects,
    { index, sizeBytes, wasOurs: true },
    { origin, store },
  );
  if (sizeBytes === plannedBytes && !isForeign) return undefined;
  const problem =
    sizeBytes === plannedBytes
      ? 'has not the content that it was written with'
      : `has ${String(sizeBytes)} bytes, but was written with ${String(plannedBytes)}`;
  return { key, problem, isForeign };
}

/** Whether an object is there that somebody else has written; one that may not be read is taken for ours. */
async function isNotOurs(...[objects, present, by]: Parameters<typeof originOf>): Promise<boolean> {
  try {
    return (await originOf(objects, present, by)) === 'foreign';
  } catch (error) {
    if (BenchError.is(error) && error.class === 'permission') return false;
    throw error;
  }
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
