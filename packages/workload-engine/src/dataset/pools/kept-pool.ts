import {
  allocateObjectStates,
  decodeStates,
  encodeStates,
  type ObjectState,
  ObjectStates,
} from '@sai3bench/metadata-cache';
import { isFileUri } from '@sai3bench/store-uri';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { endpointUris } from '../../endpoint-uris.ts';
import type { PoolCondition } from '../../host/host-messages.ts';
import type { RunMemory } from '../../memory/run-memory.ts';
import { PoolObjects } from '../../stage/pool-objects.ts';
import { replaceWhere } from '../replace-where.ts';
import { poolIdentity } from './pool-identity.ts';

/** A state that can turn out not to hold. */
export type DoubtableState = 'planned' | 'creating' | 'created' | 'failed';

/** States of objects that this workload has made, or has begun to make. */
export const OURS = ['creating', 'created'] as const;

/** A pool of the plan, with what is known of the agent's own objects. */
export class KeptPool {
  readonly identity: string;
  readonly objects: PoolObjects;
  readonly states: ObjectStates;
  /** Whether a restart of this host may lose objects that were acknowledged. */
  readonly isOnFiles: boolean;
  /** The agent's cache knew nothing of these objects when it was opened, but of others. */
  isCacheOfOthers = false;
  /** Somebody else has written over objects of ours: what is found is ours only if its content says so. */
  #isMistrusted = false;
  /** What was known before it was doubted. */
  #ledger: ObjectStates | undefined;
  #isUnproven = false;

  constructor(identity: string, objects: PoolObjects, states: ObjectStates, isOnFiles: boolean) {
    this.identity = identity;
    this.objects = objects;
    this.states = states;
    this.isOnFiles = isOnFiles;
  }

  /** How the agent's own objects are. What is unknown may be there. */
  get condition(): PoolCondition {
    const { identity, states } = this;
    const present = ['created', 'found', 'unknown'] as const;
    return {
      identity,
      isOurs: states.countOf('created') === states.count,
      isWhole: present.reduce((sum, state) => sum + states.countOf(state), 0) === states.count,
    };
  }

  /** Keeps what is known now, until {@link settle}. */
  remember(): void {
    this.#ledger ??= copyOf(this.states);
  }

  /** Whether something that was known has been doubted since, or is kept for another reason. */
  get isDoubted(): boolean {
    return this.#ledger !== undefined;
  }

  /** Whether something that was in doubt is believed again, because it could not be looked for. */
  get isUnproven(): boolean {
    return this.#isUnproven;
  }

  /** What was known of an object before it was doubted; undefined when nothing was. */
  formerState(position: number): ObjectState | undefined {
    return this.#ledger?.get(position);
  }

  /** Makes objects `unknown`, so that they are looked for; who made them is not forgotten. Returns how many. */
  doubt(state: DoubtableState, begin: number, end: number): number {
    if (this.states.countOf(state, begin, end) === 0) return 0;
    this.remember();
    return this.states.replace(state, 'unknown', begin, end);
  }

  /**
   * Remembers which of the objects that are `unknown` were ours by what was known of them earlier: they are looked for
   * too, and are ours again if they are found. Returns how many.
   *
   * @param earlier states as they are, but for some that are `unknown`
   */
  recall(earlier: ObjectStates): number {
    const isMore = OURS.some((state) => earlier.countOf(state) > this.states.countOf(state));
    if (!isMore) return 0;
    const ledger = (this.#ledger ??= copyOf(this.states));
    return OURS.reduce((sum, state) => sum + replaceWhere(ledger, earlier, state, state), 0);
  }

  /** Doubts all that is said to be there or may be, because somebody else writes in its place. Returns how many. */
  mistrust(): number {
    this.#isMistrusted = true;
    const { count } = this.states;
    return this.doubt('created', 0, count) + this.doubt('creating', 0, count);
  }

  get isMistrusted(): boolean {
    return this.#isMistrusted;
  }

  /** Notes that something was known of objects that are `unknown` now, but that it is lost: they are looked for too. */
  lost(begin: number, end: number): void {
    if (this.states.countOf('unknown', begin, end) === 0) return;
    this.#ledger ??= copyOf(this.states);
    this.#ledger.replace('unknown', 'planned', begin, end);
  }

  /** Lets objects of ours that are in doubt count as ones that may be there or not, so that none has to be looked for. */
  takeForPossible(): void {
    for (const state of OURS) this.#replaceFormer(state, 'creating');
  }

  /** Takes all objects to be there of which nobody has ever known anything: not those that are in doubt. */
  assumeFound(): void {
    if (this.#ledger === undefined) this.states.replace('unknown', 'found');
    else this.#replaceFormer('unknown', 'found');
  }

  /**
   * Notes that an object was found. It is ours if it was known to be, and is as long as we made it; if ours is not, the
   * write was torn or somebody has written over it, and it is to be made again. What others made stays as it is.
   */
  found(position: number, isPlannedSize: boolean): 'ours' | 'broken' | 'foreign' {
    const before = this.#ledger?.get(position);
    const wasOurs = !this.#isMistrusted && (before === 'created' || before === 'creating');
    if (!wasOurs) this.states.set(position, 'found');
    else this.states.set(position, isPlannedSize ? 'created' : 'planned');
    if (!wasOurs) return 'foreign';
    return isPlannedSize ? 'ours' : 'broken';
  }

  /**
   * Forgets what was known before: everything that was doubted has been looked for. Where that was not possible, objects
   * of ours are believed in again.
   */
  settle(): void {
    const believed = OURS.reduce((sum, state) => sum + this.#replaceFormer(state, state), 0);
    if (believed > 0) this.#isUnproven = true;
    this.#ledger = undefined;
    this.#isMistrusted = false;
  }

  /** Changes the state of objects that are in doubt, and were in a certain state before; returns how many. */
  #replaceFormer(former: ObjectState, state: ObjectState): number {
    return this.#ledger === undefined ? 0 : replaceWhere(this.states, this.#ledger, former, state);
  }
}

/** The pools of a plan. */
export function keptPools(plan: AgentPlan, memory: RunMemory): KeptPool[] {
  return plan.pools.flatMap((pool, index) => {
    const states = memory.poolStates[index];
    if (states === undefined) return [];
    const count = pool.own.end - pool.own.begin;
    const objects = new PoolObjects(pool, states);
    const isOnFiles = endpointUris(plan, pool.store).some(isFileUri);
    const identity = poolIdentity(pool);
    return [new KeptPool(identity, objects, new ObjectStates(states, count), isOnFiles)];
  });
}

function copyOf(states: ObjectStates): ObjectStates {
  const copy = new ObjectStates(allocateObjectStates(states.count), states.count);
  decodeStates(encodeStates(states), copy, 0, 0, states.count);
  return copy;
}
