import { Secret } from '@sai3bench/secret';
import type { SigningIdentity } from './request-signer.ts';

/** Fresh credentials come every hour or so, and old ones are good for a while: more than these few need not be remembered. */
const MOST = 16;

/** Of this thread; the latest are the last. */
const remembered: Secret[] = [];

/** Notes the secret parts of credentials. */
export function rememberSecrets({ secretAccessKey, sessionToken }: SigningIdentity): void {
  for (const text of [secretAccessKey, sessionToken ?? '']) {
    if (text === '' || remembered.some((secret) => secret.expose() === text)) continue;
    remembered.push(new Secret(text));
  }
  remembered.splice(0, remembered.length - MOST);
}

/**
 * The secrets that stores of this thread sign with, wherever they were found: in the environment, in a profile, or with a role.
 * Nothing that is told may contain them, whoever repeats them.
 */
export function signingSecrets(): readonly Secret[] {
  return remembered;
}
