import { maskAssignments } from './secret-assignments.ts';

const MASK = '***';

/**
 * Credentials in an address: `scheme://user:password@host`. A password goes up to the last `@` of the word, whatever is
 * in it; digits and a slash are the port and path of an address without one.
 */
const USER_INFO =
  /(?<=[a-z0-9]:\/\/)(?:[^\s/:@"'[\]]*:(?!\d{1,5}(?:[/"'\s]|$))(?:(?!:\/\/)\S)*|[^\s/@"']+)@/gi;
/** Signatures in presigned addresses. */
const SIGNATURE = /([?&](?:X-Amz-Signature|sig)=)[^\s&"']+/gi;

/** Text without secrets, for files that are kept: what looks like one is replaced by `***`. */
export function redact(text: string): string {
  return maskAssignments(text, MASK)
    .replaceAll(USER_INFO, `${MASK}@`)
    .replaceAll(SIGNATURE, `$1${MASK}`);
}
