/** Where a controller asks an agent to prove that it knows the token, first of all on every connection. */
export const PROOF_PATH = '/sai3bench/link-proof';
/** Carries 32 random bytes, from each end to the other. */
export const NONCE_HEADER = 'sai3bench-nonce';
/** Carries the agent's proof. */
export const PROOF_HEADER = 'sai3bench-proof';

const SCHEME = 'Sai3bench ';

/** What the controller sends with every call: its proof, never the token. */
export function authorizationOf(proof: Buffer): string {
  return `${SCHEME}${proof.toString('base64url')}`;
}

/** The proof in such a header; undefined when it is none. */
export function proofIn(authorization: string | undefined): string | undefined {
  return authorization?.startsWith(SCHEME) === true
    ? authorization.slice(SCHEME.length)
    : undefined;
}
