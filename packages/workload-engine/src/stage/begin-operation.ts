import { type Operation, operationIndex } from '@sai3bench/stats';
import type { Begun } from '../selection/mix.ts';
import type { Slot } from './slot.ts';

/** Fills a slot with one operation of an entry of the mix. */
export type FillSlot = (slot: Slot) => Begun;

/** Makes a slot ready for an operation of the mix, of which the key is still to be set. */
export function beginOperation(
  slot: Slot,
  operation: Operation & Slot['request']['operation'],
  store: number,
): void {
  slot.operation = operationIndex(operation);
  slot.store = store;
  slot.request.operation = operation;
  slot.request.sizeBytes = -1;
  slot.request.range = undefined;
  slot.request.recursive = false;
}
