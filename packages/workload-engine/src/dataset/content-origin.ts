import { BLOCK_BYTES, ContentVerifier, seedOf } from '@sai3bench/datagen';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { PoolObjects } from '../stage/pool-objects.ts';

/** Fewer bytes may be equal by chance. */
const MIN_BYTES = 8;

/**
 * Tells from what is in an object whether this dataset has made it: random content follows from the dataset's seed and
 * the object's number, so nobody else writes it there.
 */
export class ContentOrigin {
  readonly #verifier: ContentVerifier;

  constructor(plan: AgentPlan) {
    this.#verifier = new ContentVerifier(seedOf(BigInt(plan.dataSeed)));
  }

  /**
   * How many bytes of the beginning of an object have to be looked at; 0 where its content tells nothing: it is zeros,
   * or too short.
   *
   * @param sizeBytes the length that it has
   */
  bytesToTell({ dataset }: PoolObjects, sizeBytes: number): number {
    if (dataset.content.fill === 'zero' || sizeBytes < MIN_BYTES) return 0;
    return Math.min(sizeBytes, BLOCK_BYTES);
  }

  /** Whether an object that begins like this is ours. */
  isOurs({ dataset }: PoolObjects, index: number, head: Uint8Array): boolean {
    if (head.length < MIN_BYTES) return false;
    const object = { index, sizeBytes: dataset.sizeOf(index) };
    return this.#verifier.firstDifference(head, dataset.content, object, 0) === -1;
  }
}
