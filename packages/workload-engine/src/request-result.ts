import type { BenchError, ErrorClass } from '@sai3bench/errors';
import type { RequestResult } from '@sai3bench/multi-endpoint';

const RESULTS: Readonly<Record<ErrorClass, RequestResult>> = {
  network: 'failed',
  timeout: 'failed',
  server: 'failed',
  auth: 'refused',
  permission: 'refused',
  'not-found': 'refused',
  throttled: 'refused',
  integrity: 'refused',
  config: 'withdrawn',
  resource: 'withdrawn',
  cancelled: 'withdrawn',
  internal: 'withdrawn',
};

/** A file system turns read-only when its device has failed: no write will succeed there any more. */
const READ_ONLY = 'FILE_EROFS';

/** What an error tells about the endpoint that the request was sent to. */
export function requestResultOf(error: BenchError): RequestResult {
  return error.code === READ_ONLY ? 'failed' : RESULTS[error.class];
}

/** The connection ended within an answer, as it does when what answers dies, or what a proxy has behind it. */
const CUT_OFF = 'S3_SHORT_BODY';

/** Whether an answer did not arrive as a whole: what came is no good, but the next one may be. */
function isCutOff({ code }: { readonly code: string }): boolean {
  return code === CUT_OFF;
}

/** Whether the same request may be answered otherwise after a while. */
export function mayWorkLater(error: BenchError): boolean {
  return error.retryable || isCutOff(error);
}

/** The directory that a file system should be mounted at is not there. */
const MOUNT_MISSING = 'FILE_ROOT_MISSING';

/** Whether another endpoint that shows the same objects may do what one could not. */
export function mayWorkElsewhere(error: BenchError): boolean {
  if (requestResultOf(error) === 'failed' || error.code === MOUNT_MISSING) return true;
  // A mount has permissions and limits of its own, and errors that nobody has thought of.
  return (
    error.code.startsWith('FILE_') && ['permission', 'resource', 'internal'].includes(error.class)
  );
}
