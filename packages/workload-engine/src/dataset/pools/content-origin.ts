import { BLOCK_BYTES, ContentVerifier, seedOf } from '@sai3bench/datagen';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import type { PoolObjects } from '../../stage/pool-objects.ts';

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

  /** How many bytes of the beginning of an object of a length are compared. */
  bytesToCompare(sizeBytes: number): number {
    return Math.min(sizeBytes, BLOCK_BYTES);
  }

  /** Whether the beginning of an object of a length shows whose it is: zeros, and a few bytes, do not. */
  tells({ dataset }: PoolObjects, sizeBytes: number): boolean {
    return dataset.content.fill !== 'zero' && sizeBytes >= MIN_BYTES;
  }

  /** Whether an object of ours begins like this. */
  matches({ dataset }: PoolObjects, index: number, head: Uint8Array): boolean {
    const object = { index, sizeBytes: dataset.sizeOf(index) };
    return this.#verifier.firstDifference(head, dataset.content, object, 0) === -1;
  }
}
