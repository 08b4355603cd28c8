import type { AccessPlan, AgentPlan } from '@sai3bench/workload-config/plan';
import type { LiveSet } from '../memory/live-set.ts';
import type { ReadLeases } from '../memory/read-leases.ts';
import type { PoolObjects } from '../stage/pool-objects.ts';
import type { Slot } from '../stage/slot.ts';
import type { Begun } from './mix.ts';
import { ObjectSpan, type PoolPart } from './object-span.ts';
import { PathSelection, type SharedSpans } from './path-selection.ts';
import type { PositionSources } from './positions.ts';
import type { Random } from './random.ts';

/** An object that is not there is drawn again at most this often; */
const MAX_REDRAWS = 64;
/** less often where few may be left, and one of them is found at once. */
const MAX_REDRAWS_AMONG_DELETED = 8;

/** What other agents have of a pool. */
export interface OtherParts {
  /** Whether all of it was made for this dataset: of others, nobody knows how long they must be. */
  readonly areOurs: boolean;
  /** Whether nothing of it is known not to be there. */
  readonly areThere: boolean;
}

/** The pools of a stage, and what is known of their objects. */
export interface StagePools {
  readonly pools: readonly PoolObjects[];
  /** Own objects that may be picked, by pool; undefined where nothing is deleted. */
  readonly live: readonly (LiveSet | undefined)[];
  readonly leases: ReadLeases;
  /** Whether this run has prepared the pools; otherwise all objects are taken to exist. */
  readonly statesKnown: boolean;
  /** By pool. */
  readonly others: readonly OtherParts[];
}

/**
 * Picks objects of pools to read. An agent does not know which objects of others are there: where some are not, or are
 * deleted by the mix, it picks objects of its own only.
 */
export class ObjectPicker {
  readonly #stage: StagePools;
  readonly #wanted: readonly number[];
  readonly #selection: PathSelection;
  readonly #random: Random;
  readonly #redraws: number;

  /** @param wanted numbers of the pools to pick from */
  constructor(
    stage: StagePools,
    wanted: readonly number[],
    access: AccessPlan,
    pathSelection: AgentPlan['pathSelection'],
    sources: PositionSources,
  ) {
    const spans = spansOf(stage, wanted);
    this.#stage = stage;
    this.#wanted = wanted;
    this.#selection = new PathSelection(pathSelection, access, spans, sources);
    this.#random = sources.random;
    this.#redraws = wanted.some((pool) => stage.live[pool] !== undefined)
      ? MAX_REDRAWS_AMONG_DELETED
      : MAX_REDRAWS;
  }

  /** How many objects there are to pick from, if none has been deleted. */
  get count(): number {
    return this.#selection.count;
  }

  /** Puts an object's pool, key and expected length into a slot; exhausted when there is none. */
  pickInto(slot: Slot): Begun {
    for (let draw = 0; draw < this.#redraws; draw++) {
      const span = this.#selection.next();
      if (span === undefined) return 'exhausted';
      if (this.#take(slot, span.pool, span.object)) return 'begun';
    }
    return this.#search(slot);
  }

  /**
   * Finds an object where few are left. Of pools that are deleted from, live sets find one in a few steps. Elsewhere objects
   * are missing only when prepare failed on them: a run of 64 of those is so rare that looking through them one
   * by one costs next to nothing over all picks.
   */
  #search(slot: Slot): Begun {
    const { live, pools } = this.#stage;
    const first = this.#random.below(this.#wanted.length);
    for (let step = 0; step < this.#wanted.length; step++) {
      const pool = this.#wanted[(first + step) % this.#wanted.length] ?? 0;
      const objects = pools[pool];
      if (objects === undefined) continue;
      const found = live[pool]?.any(this.#random) ?? objects.anyPresent(this.#random);
      if (found >= 0 && this.#take(slot, pool, objects.plan.own.begin + found)) return 'begun';
    }
    return this.#isEmpty() ? 'exhausted' : 'later';
  }

  #isEmpty(): boolean {
    const { live, pools } = this.#stage;
    return this.#wanted.every(
      (pool) => (live[pool]?.next(0) ?? pools[pool]?.anyPresent(this.#random) ?? -1) < 0,
    );
  }

  /** Takes an object if it is there, and keeps it from being deleted until the operation has ended. */
  #take(slot: Slot, pool: number, object: number): boolean {
    const { leases, live, pools } = this.#stage;
    const objects = pools[pool];
    if (objects === undefined) return false;
    const alive = live[pool];
    if (alive !== undefined) {
      const lease = leases.enter(pool, object);
      if (!alive.has(object - objects.plan.own.begin)) {
        leases.leave(lease);
        return false;
      }
      slot.lease = lease;
    } else if (this.#isMissing(objects, object)) {
      return false;
    }
    slot.store = objects.plan.store;
    slot.pool = pool;
    slot.object = object;
    slot.request.key = objects.dataset.keyOf(object);
    slot.expectedBytes = this.#isOurs(objects, object, pool) ? objects.dataset.sizeOf(object) : -1;
    return true;
  }

  /** Whether an object of the agent's own is known not to be there. */
  #isMissing(objects: PoolObjects, object: number): boolean {
    if (!objects.isOwn(object)) return false;
    const state = objects.stateOf(object);
    if (state === 'unknown') return this.#stage.statesKnown;
    return state !== 'created' && state !== 'found';
  }

  /** Whether an object was made for this dataset: of others, nobody knows how long they must be. */
  #isOurs(objects: PoolObjects, object: number, pool: number): boolean {
    return objects.isOwn(object)
      ? objects.stateOf(object) === 'created'
      : this.#stage.others[pool]?.areOurs === true;
  }
}

function spansOf({ live, others, pools }: StagePools, wanted: readonly number[]): SharedSpans {
  const parts = wanted.flatMap((pool) => {
    const objects = pools[pool];
    if (objects === undefined) return [];
    const { own } = objects.plan;
    // Only its own agent knows what is deleted, or missing. One that owns nothing has no choice.
    const isThere = others[pool]?.areThere === true || own.begin === own.end;
    const readsOthers = live[pool] === undefined && isThere;
    const all = readsOthers ? { begin: 0, end: objects.dataset.count } : own;
    return [{ pool, own, all }];
  });
  const spanOf = (list: readonly PoolPart[]): ObjectSpan => new ObjectSpan(list);
  return {
    own: spanOf(parts.map(({ own, pool }) => ({ pool, ...own }))),
    all: spanOf(parts.map(({ all, pool }) => ({ pool, ...all }))),
    others: spanOf(
      parts.flatMap(({ all, own, pool }) => [
        { pool, begin: all.begin, end: own.begin },
        { pool, begin: own.end, end: all.end },
      ]),
    ),
  };
}
