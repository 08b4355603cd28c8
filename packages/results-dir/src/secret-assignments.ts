import { type Assignment, findValue } from './assigned-value.ts';

/** A name that contains a word for secrets, and what separates it from its value. */
const ASSIGNMENT =
  /(?<![\w.-])([\w.-]*(?:secret|password|passwd|passphrase|token|credential|authorization|(?:private|api|access)[_-]?key)[\w.-]*)(\\*["'])?[ \t]*(:(?!\/\/)|=)/gi;
/** Error codes of S3 and its SDK are followed by what went wrong, not by a secret. */
const ERROR_CODE = /^(?:S3_)?(?:(?:Invalid|Expired)[A-Z]|\w+(?:Error|Exception|Malformed)$)/;

/**
 * Replaces the values of all names that mean secrets: in YAML (plain, quoted and block scalars, collections, comments),
 * JSON, headers and shell assignments. Where it is uncertain how far a value goes, too much is replaced rather than too
 * little.
 */
export function maskAssignments(text: string, mask: string): string {
  let masked = '';
  let done = 0;
  for (const match of text.matchAll(ASSIGNMENT)) {
    const [whole, name = '', closingQuote = '', separator] = match;
    // A value that was replaced may itself have looked like an assignment.
    if (match.index < done || ERROR_CODE.test(name)) continue;
    const valueAt = match.index + whole.length;
    const assignment: Assignment = {
      nameAt: match.index,
      nameIsQuoted: closingQuote !== '',
      separator: separator === '=' ? '=' : ':',
      valueAt,
    };
    if (isUser(text, assignment)) continue;
    const { from, to } = isInQuery(text, assignment)
      ? { from: valueAt, to: valueAt + text.slice(valueAt).search(/[\s&"']|$/) }
      : findValue(text, assignment);
    if (to <= from) continue;
    masked += text.slice(done, from);
    masked += text[from] === '\n' ? ` ${mask}` : mask;
    done = to;
  }
  return masked + text.slice(done);
}

/** Whether the name is the user in an address: `s3://token:x@host`. */
function isUser(text: string, { nameAt, separator, valueAt }: Assignment): boolean {
  return (
    separator === ':' &&
    text.startsWith('://', nameAt - 3) &&
    /^\S/.test(text.slice(valueAt, valueAt + 1))
  );
}

/** Whether the name is a parameter in an address: `?token=x&other=y`. */
function isInQuery(text: string, { nameAt, separator }: Assignment): boolean {
  return separator === '=' && /[?&]/.test(text.slice(Math.max(0, nameAt - 1), nameAt));
}
