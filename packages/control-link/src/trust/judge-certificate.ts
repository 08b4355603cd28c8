/** What a controller knows of the certificate that an agent shows. */
export interface CertificateFacts {
  readonly fingerprint: string;
  /** Whether an authority that the user has named stands for it. */
  readonly isCertified: boolean;
  /** Those of `--agent-fingerprint`; none when the option was not given. */
  readonly expected: readonly string[];
  /** The one that this address has shown before. */
  readonly known: string | undefined;
  /** Whether whoever holds it has proved on this very connection that it knows the token. */
  readonly isProven: boolean;
  /** Whether the controller has a token, so that the agent must prove that it knows it. */
  readonly hasToken: boolean;
}

export type CertificateVerdict =
  | 'trusted'
  /** Trusted from now on. */
  | 'remember'
  /** Not the one that was known; trusted from now on, because the token was proved. */
  | 'replace'
  /** Not the one that was named, or that was known. */
  | 'wrong'
  | 'changed'
  /** The agent does not know the token, and nothing else stands for it. */
  | 'unproven';

/**
 * Whether a certificate is that of the agent that is meant. What the user has said of it goes before what was seen
 * before. Where there is a token it must be proved even on first use: else who sits between would be trusted for saying
 * that it has none.
 */
export function judgeCertificate(facts: CertificateFacts): CertificateVerdict {
  const { expected, fingerprint, hasToken, isCertified, isProven, known } = facts;
  if (expected.length > 0) return expected.includes(fingerprint) ? 'trusted' : 'wrong';
  if (isCertified) return 'trusted';
  if (hasToken && !isProven) return 'unproven';
  if (known === undefined) return 'remember';
  if (known === fingerprint) return 'trusted';
  return isProven ? 'replace' : 'changed';
}
