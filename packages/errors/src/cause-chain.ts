/** Longest chain of causes that is followed; guards against a cause that leads back to itself. */
const MAX_DEPTH = 12;

/**
 * The messages of an error and of its causes, outermost first. A cause whose text the message above it
 * already contains is left out, and system errors keep their code (`ECONNREFUSED`).
 */
export function causeMessages(error: unknown): string[] {
  const messages: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && current !== undefined && current !== null; depth++) {
    const text = oneMessage(current);
    const previous = messages.at(-1);
    if (text !== '' && !previous?.includes(text)) messages.push(text);
    current = causeOf(current);
  }
  return messages;
}

function oneMessage(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { message, code, name } = value as { message?: unknown; code?: unknown; name?: unknown };
  const text = isText(message) ? message : isText(name) ? name : 'error';
  const isSystemCode = typeof code === 'string' && /^E[A-Z0-9]+$/.test(code);
  return isSystemCode && !text.includes(code) ? `${text} (${code})` : text;
}

/** The next error down: `cause`, or the first error of an AggregateError (several addresses tried). */
function causeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const { cause, errors } = value as { cause?: unknown; errors?: unknown };
  if (cause !== undefined) return cause;
  return Array.isArray(errors) ? (errors[0] as unknown) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
