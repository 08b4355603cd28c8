import { hash } from 'node:crypto';
import type { JsonValue } from './json-value.ts';

/**
 * The key of a pool: a hash of what defines its objects, whatever the order of the fields. What may change without
 * making other objects, as their number or the concurrency, does not belong into the definition.
 */
export function identityOf(definition: JsonValue): string {
  return hash('sha256', canonicalJson(definition));
}

/** JSON with the fields of every object in order of their names. */
function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_, part: JsonValue) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
