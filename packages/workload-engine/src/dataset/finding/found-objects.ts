import type { KeptPool } from '../pools/kept-pool.ts';

/** What was found. */
export interface FoundObjects {
  readonly found: number;
  /** Of these, objects that are not as long as the plan says: nobody knows who made them. */
  readonly otherSize: number;
  /** Objects of ours that are not as long as we made them: they count as not there. */
  readonly broken: number;
}

/** Notes which objects of a pool are found. */
export class FoundNotes implements FoundObjects {
  readonly #pool: KeptPool;
  found = 0;
  otherSize = 0;
  broken = 0;

  constructor(pool: KeptPool) {
    this.#pool = pool;
  }

  /** Whether an object, by its index in the dataset, is one of those to look for. */
  isWanted(index: number): boolean {
    const { objects, states } = this.#pool;
    return objects.isOwn(index) && states.get(index - objects.plan.own.begin) === 'unknown';
  }

  /** Notes that an object is there. */
  note(index: number, sizeBytes: number): void {
    if (!this.isWanted(index)) return;
    const { dataset, plan } = this.#pool.objects;
    const isPlannedSize = sizeBytes === dataset.sizeOf(index);
    const whose = this.#pool.found(index - plan.own.begin, isPlannedSize);
    if (whose === 'broken') {
      this.broken++;
      return;
    }
    this.found++;
    if (!isPlannedSize) this.otherSize++;
  }
}
