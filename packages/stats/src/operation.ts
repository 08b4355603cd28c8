/** The operations that are measured, in the order in which tables list them. */
export const OPERATIONS = ['GET', 'PUT', 'DELETE', 'STAT', 'LIST', 'MKDIR', 'RMDIR'] as const;

export type Operation = (typeof OPERATIONS)[number];

/** Operations grouped as the console and `perf_log.tsv` show them: data in, data out, metadata. */
export type OperationClass = 'GET' | 'PUT' | 'META';

/** Position of an operation in {@link OPERATIONS}: its identity in shared memory. */
export function operationIndex(operation: Operation): number {
  return OPERATIONS.indexOf(operation);
}

/** The class of an operation: GET and PUT are their own, everything else is metadata. */
export function operationClass(operation: Operation): OperationClass {
  return operation === 'GET' || operation === 'PUT' ? operation : 'META';
}

/** Whether `text` names an operation; for values that arrive over a wire. */
export function isOperation(text: string): text is Operation {
  return (OPERATIONS as readonly string[]).includes(text);
}
