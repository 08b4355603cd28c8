import { type DeleteFailures, type DeleteRequest, StoreRequest } from '@sai3bench/object-store';
import { ContentCheck } from './content-check.ts';
import type { SlotPayload } from './slot-payload.ts';

/** One object of several that are deleted together. */
export interface BatchItem {
  readonly key: string;
  /** Pool and number of a prepared object; pool -1 for what the workload has put. */
  readonly pool: number;
  readonly object: number;
}

const NO_FAILURES: DeleteFailures = new Map();

/**
 * One operation in flight. A worker has as many slots as it may have operations under way; each is used again and
 * again, so that an operation allocates next to nothing.
 */
export class Slot {
  readonly request: StoreRequest;
  readonly payload: SlotPayload;
  readonly check: ContentCheck;
  /** Index of the operation in `OPERATIONS`. */
  operation = 0;
  /** Which store, and which of its endpoints carries the request. */
  store = 0;
  endpoint = 0;
  /** The only endpoint that will do; undefined where the store chooses. */
  fixedEndpoint: number | undefined = undefined;
  /** Length that the object must have; -1 when it is not known. */
  expectedBytes = -1;
  /** What the task source wants to find again when the operation has ended. */
  pool = -1;
  object = -1;
  /** Entry of the mix, and what keeps the object from being deleted meanwhile; -1 for none. */
  entry = -1;
  lease = -1;
  /** Objects that one request deletes together; empty for operations on one object. */
  readonly batch: BatchItem[] = [];
  /** Why objects of the batch are still there, by key. */
  batchFailures: DeleteFailures = NO_FAILURES;
  /** When objects of the batch were deleted, by key, where each took a request of its own. */
  readonly batchTimes = new Map<string, DeleteRequest>();
  /** Whether it is no failure when the object is not there. */
  mayBeMissing = false;
  attempts = 0;
  /** Of an operation that failed: whether its only attempt was refused, so that it has certainly changed nothing. */
  refused = false;
  /** When the first of several attempts began; -1 as long as there is one. */
  firstStartNs = -1;
  /** Failures in a row, after which the slot pauses. */
  failuresInRow = 0;
  /** How long the slot is to pause before it begins another operation, because too much fails. */
  backOffMs = 0;
  /** Whether the store has not answered yet. */
  pending = false;

  constructor(
    payload: SlotPayload,
    onComplete: (slot: Slot) => void,
    check = new ContentCheck(undefined, 'length'),
  ) {
    this.payload = payload;
    this.check = check;
    this.request = new StoreRequest(() => {
      onComplete(this);
    });
    this.request.payload = payload;
  }

  /** Lets what failed in an earlier stage slow down nothing in the next. */
  forgetFailures(): void {
    this.failuresInRow = 0;
    this.backOffMs = 0;
  }
}

/** How many objects a slot's request is about: each counts as an operation. */
export function objectsOf({ batch }: Slot): number {
  return Math.max(1, batch.length);
}
