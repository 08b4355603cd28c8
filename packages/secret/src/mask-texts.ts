import { maskSecrets } from './mask-secrets.ts';
import type { Secret } from './secret.ts';

/**
 * A value without the secrets, in whatever text of it. Lists and plain objects are copied; what holds no text, such as bytes and
 * shared memory, is passed on as it is.
 *
 * @param kept names of properties that are passed on as they are
 */
export function maskTexts<Value>(
  value: Value,
  secrets: Iterable<Secret>,
  kept: ReadonlySet<string> = new Set(),
): Value {
  const all = [...secrets];
  return all.length === 0 ? value : (maskPart(value, all, kept) as Value);
}

function maskPart(part: unknown, secrets: readonly Secret[], kept: ReadonlySet<string>): unknown {
  if (typeof part === 'string') return maskSecrets(part, secrets);
  if (Array.isArray(part)) return part.map((each) => maskPart(each, secrets, kept));
  if (!isPlain(part)) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      kept.has(name) ? value : maskPart(value, secrets, kept),
    ]),
  );
}

/** Of whichever realm. */
function isPlain(part: unknown): part is object {
  return Object.prototype.toString.call(part) === '[object Object]';
}
