import { type OperationClass, operationClass } from './operation.ts';
import type { StatsDelta } from './stats-delta.ts';

/** What can be counted of statistics without looking into their histograms. */
export interface DeltaCounts {
  /** Successful operations and their bytes. */
  readonly classes: Readonly<
    Record<OperationClass, { readonly operations: number; readonly bytes: number }>
  >;
  readonly errors: number;
  readonly cancelled: number;
}

const NOTHING = { operations: 0, bytes: 0 } as const;

/** The counts of nothing. */
export const NO_COUNTS: DeltaCounts = {
  classes: { GET: NOTHING, PUT: NOTHING, META: NOTHING },
  errors: 0,
  cancelled: 0,
};

/** Counts what a delta holds. */
export function countDelta({ operations, slots }: StatsDelta): DeltaCounts {
  const classes: Record<OperationClass, { operations: number; bytes: number }> = {
    GET: { ...NOTHING },
    PUT: { ...NOTHING },
    META: { ...NOTHING },
  };
  for (const slot of slots) {
    const count = classes[operationClass(slot.operation)];
    count.operations += slot.operations;
    count.bytes += slot.bytes;
  }
  return {
    classes,
    errors: operations.reduce((sum, { errors }) => sum + errors, 0),
    cancelled: operations.reduce((sum, { cancelled }) => sum + cancelled, 0),
  };
}

/** Both together. */
export function addCounts(a: DeltaCounts, b: DeltaCounts): DeltaCounts {
  const add = (kind: OperationClass) => ({
    operations: a.classes[kind].operations + b.classes[kind].operations,
    bytes: a.classes[kind].bytes + b.classes[kind].bytes,
  });
  return {
    classes: { GET: add('GET'), PUT: add('PUT'), META: add('META') },
    errors: a.errors + b.errors,
    cancelled: a.cancelled + b.cancelled,
  };
}

/** Operations that have ended in any way. */
export function endedOf({ cancelled, classes, errors }: DeltaCounts): number {
  return (
    classes.GET.operations + classes.PUT.operations + classes.META.operations + errors + cancelled
  );
}
