/**
 * What kind of thing went wrong. The class decides how an error is counted, whether a retry can help,
 * and which part of the set-up the reader should look at.
 */
export const ERROR_CLASSES = [
  'config',
  'auth',
  'permission',
  'not-found',
  'network',
  'timeout',
  'throttled',
  'server',
  'integrity',
  'resource',
  'cancelled',
  'internal',
] as const;

export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** Classes for which the same request may succeed when it is sent again. */
const RETRYABLE: ReadonlySet<ErrorClass> = new Set(['network', 'timeout', 'throttled', 'server']);

/** Whether errors of this class are worth a retry unless the error itself says otherwise. */
export function isRetryableClass(errorClass: ErrorClass): boolean {
  return RETRYABLE.has(errorClass);
}

/** Whether `text` names an error class; for values that arrive over a wire. */
export function isErrorClass(text: string): text is ErrorClass {
  return (ERROR_CLASSES as readonly string[]).includes(text);
}
