import type { Secret } from './secret.ts';

/** Shorter texts are parts of too much else to be taken out wherever they stand. */
const SHORTEST = 8;

/**
 * A text in which `***` stands wherever one of the secrets stood, also where it stood encoded for an address or for JSON.
 * Secrets of less than 8 characters are left: they would be found in what has nothing to do with them.
 */
export function maskSecrets(text: string, secrets: Iterable<Secret>): string {
  const forms = [...secrets].flatMap(formsOf).sort((one, other) => other.length - one.length);
  let masked = text;
  for (const form of forms) masked = masked.replaceAll(form, '***');
  return masked;
}

/** How a secret may stand in a text; the longest are replaced first, so that nothing is left of them. */
function formsOf(secret: Secret): string[] {
  const text = secret.expose();
  if (text.length < SHORTEST) return [];
  return [...new Set([text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)])];
}
