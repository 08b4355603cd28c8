import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { SharedSequence } from '../memory/shared-sequence.ts';
import type { TreeMemory } from '../memory/stage-memory.ts';
import { beginOperation } from './begin-operation.ts';
import type { Slot } from './slot.ts';
import { TreeDirectories } from './tree-directories.ts';

/** Makes the agent's share of the directories of trees, dealt to the workers, before anything is put into them. */
export class TreeTasks {
  readonly #directories: TreeDirectories;
  readonly #dealt: SharedSequence;
  readonly #ended: SharedSequence;
  #allDealt = false;
  #allEnded = false;

  constructor(plan: AgentPlan, { pools, sequences }: TreeMemory) {
    this.#directories = new TreeDirectories(plan, pools);
    this.#dealt = new SharedSequence(sequences, 0);
    this.#ended = new SharedSequence(sequences, 1);
  }

  /** Takes the next directory, by its position; undefined when all are dealt. */
  take(): number | undefined {
    if (this.#allDealt) return undefined;
    const position = this.#dealt.next();
    if (position < this.#directories.total) return position;
    this.#allDealt = true;
    return undefined;
  }

  /** Fills a slot with the making of a directory. */
  fill(slot: Slot, position: number): void {
    const { endpoint, key, pool, store } = this.#directories.at(position);
    beginOperation(slot, 'MKDIR', store);
    slot.fixedEndpoint = endpoint;
    slot.pool = pool;
    slot.object = position;
    slot.mayBeMissing = false;
    slot.expectedBytes = -1;
    slot.request.key = key;
  }

  /** Notes that a directory is made, or will not be before the objects. */
  ended(): void {
    this.#ended.next();
  }

  /** Whether another thread, or another slot of this one, is still at one that was dealt. */
  get underWay(): boolean {
    if (this.#allEnded) return false;
    this.#allEnded = this.#ended.count >= this.#directories.total;
    return !this.#allEnded;
  }
}
