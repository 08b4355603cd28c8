import type { BenchError } from '@sai3bench/errors';
import type { Slot } from './slot.ts';

/** What takes the requests of slots: a store, by whatever endpoint. */
export interface RequestCarrier {
  /** Sends a slot's request; the slot's completion is called in any case. */
  submit(slot: Slot): void;
  /** Counts a request that was answered, with the error that it ended with. */
  release(slot: Slot, error: BenchError | undefined): void;
  /** Makes every request under way complete soon, as cancelled. */
  cancelAll(): void;
}
