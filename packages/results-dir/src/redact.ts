const MASK = '***';

/** Names whose values are secrets, in assignments, options and comments. */
const SECRET_ASSIGNMENT =
  /((?:secret|password|passwd|token|credential|api[_-]?key|access[_-]?key)[\w-]*["']?\s*[:=]\s*)(["']?)([^\s"'#,}\]]+)\2/gi;
/** Credentials in an address: `scheme://user:password@host`. */
const USER_INFO = /([a-z][a-z0-9+]*:\/\/)[^\s/@"']+@/gi;
/** Signatures and tokens in presigned addresses. */
const SIGNED_QUERY = /([?&](?:X-Amz-(?:Signature|Security-Token|Credential)|sig)=)[^\s&"']+/gi;

/** Text without secrets, for files that are kept: what looks like one is replaced by `***`. */
export function redact(text: string): string {
  return text
    .replaceAll(SECRET_ASSIGNMENT, `$1$2${MASK}$2`)
    .replaceAll(USER_INFO, `$1${MASK}@`)
    .replaceAll(SIGNED_QUERY, `$1${MASK}`);
}
