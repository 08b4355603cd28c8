import type { Slot } from '../stage/slot.ts';
import type { Begun } from './mix.ts';
import type { StagePools } from './object-picker.ts';
import { ObjectSpan } from './object-span.ts';
import { type Positions, positionsOf, type PositionSources } from './positions.ts';
import type { AccessPlan } from '@sai3bench/workload-config/plan';

/** So many objects that are being read are passed over before the deletion waits. */
const MAX_BUSY = 64;

/**
 * Picks objects to delete: those of the agent's own, each once, dealt to the threads. An object that is being read is
 * passed over for now.
 */
export class DeletePicker {
  readonly #stage: StagePools;
  readonly #wanted: readonly number[];
  readonly #span: ObjectSpan;
  readonly #positions: Positions | undefined;

  /** @param wanted numbers of the pools to delete from */
  constructor(
    stage: StagePools,
    wanted: readonly number[],
    access: AccessPlan,
    sources: PositionSources,
  ) {
    this.#stage = stage;
    this.#wanted = wanted;
    this.#span = new ObjectSpan(
      wanted.flatMap((pool) => {
        const objects = stage.pools[pool];
        return objects === undefined ? [] : [{ pool, ...objects.plan.own }];
      }),
    );
    const { total } = this.#span;
    this.#positions = total === 0 ? undefined : positionsOf(access, total, sources);
  }

  /** Puts an object's pool and key into a slot, and takes the object away from everybody else. */
  pickInto(slot: Slot): Begun {
    if (this.#positions === undefined) return 'exhausted';
    this.#span.locate(this.#positions.next());
    const { object, pool } = this.#span;
    const begin = this.#stage.pools[pool]?.plan.own.begin ?? 0;
    const first = Math.max(0, this.#wanted.indexOf(pool));
    let busy = 0;
    // The rest of this pool, then all others, then the beginning of this one.
    for (let step = 0; step <= this.#wanted.length; step++) {
      const at = this.#wanted[(first + step) % this.#wanted.length] ?? 0;
      const live = this.#stage.live[at];
      const from = step === 0 ? object - begin : 0;
      for (let own = live?.next(from) ?? -1; own >= 0; own = live?.next(own + 1) ?? -1) {
        if (this.#take(slot, at, own)) return 'begun';
        if (++busy === MAX_BUSY) return 'later';
      }
    }
    return busy > 0 ? 'later' : 'exhausted';
  }

  #take(slot: Slot, pool: number, own: number): boolean {
    const { leases, live, pools } = this.#stage;
    const objects = pools[pool];
    const alive = live[pool];
    if (objects === undefined || alive?.take(own) !== true) return false;
    const object = objects.plan.own.begin + own;
    if (leases.isHeld(pool, object)) {
      alive.add(own);
      return false;
    }
    // Whatever happens to the request: the object is not certain to be there any more.
    objects.setState(object, 'creating');
    slot.store = objects.plan.store;
    slot.pool = pool;
    slot.object = object;
    slot.request.key = objects.dataset.keyOf(object);
    return true;
  }
}
