export { BenchError } from './bench-error.ts';
export { causeMessages } from './cause-chain.ts';
export { ERROR_CLASSES, isErrorClass, isRetryableClass } from './error-class.ts';
export { EXIT_CODES } from './exit-code.ts';
export { fromErrorRecord, toErrorRecord } from './error-record.ts';
export { formatError, summarizeError } from './format-error.ts';
export { systemCode } from './system-code.ts';

export type { BenchErrorOptions } from './bench-error.ts';
export type { ErrorClass } from './error-class.ts';
export type { ExitCode } from './exit-code.ts';
export type { ErrorRecord } from './error-record.ts';
