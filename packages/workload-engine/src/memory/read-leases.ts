/** Leases for each operation in flight: the more, the seldomer two objects share one. */
const LEASES_PER_OPERATION = 16;
const MIN_LEASES = 1024;

/** Memory for the leases of so many operations in flight. */
export function allocateReadLeases(operations: number): SharedArrayBuffer {
  const wanted = Math.max(MIN_LEASES, operations * LEASES_PER_OPERATION);
  return new SharedArrayBuffer(2 ** Math.ceil(Math.log2(wanted)) * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Which objects are being read, so that nobody deletes them meanwhile. Objects that a hash brings together share a
 * count; so the memory follows the operations in flight, not the objects. Whose count is not 0 may be being read; a
 * deletion then takes another object first.
 *
 * A reader counts itself in and then looks whether the object is still there; who deletes takes the object out and then
 * looks at the count. Atomics are in one order for all threads, so at least one of the two sees the other.
 */
export class ReadLeases {
  readonly #counts: Int32Array;

  /** @param memory from {@link allocateReadLeases} */
  constructor(memory: SharedArrayBuffer) {
    this.#counts = new Int32Array(memory);
  }

  /** Counts a reader of an object in; returns what to give back. */
  enter(pool: number, object: number): number {
    const lease = this.#leaseOf(pool, object);
    Atomics.add(this.#counts, lease, 1);
    return lease;
  }

  leave(lease: number): void {
    Atomics.sub(this.#counts, lease, 1);
  }

  /** Whether an object may be being read. */
  isHeld(pool: number, object: number): boolean {
    return Atomics.load(this.#counts, this.#leaseOf(pool, object)) !== 0;
  }

  #leaseOf(pool: number, object: number): number {
    const hash = Math.imul((object | 0) ^ Math.imul(pool + 1, 0x9e3779b1), 0x85ebca6b);
    return (hash ^ (hash >>> 15)) & (this.#counts.length - 1);
  }
}
