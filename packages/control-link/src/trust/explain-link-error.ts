import { BenchError } from '@sai3bench/errors';

/** An agent, as its link sees it. */
export interface LinkedAgent {
  readonly address: string;
  /** Whether only this host can reach it: TLS is used there only if it was asked for. */
  readonly isLoopback: boolean;
}

/** What was wrong, and what to do, by what the TLS library calls it. */
const EXPLANATIONS: readonly {
  readonly pattern: RegExp;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** What to do instead about an agent of this host. */
  readonly loopbackHint?: string;
}[] = [
  {
    pattern: /CERT_HAS_EXPIRED|certificate has expired/,
    code: 'AGENT_CERTIFICATE_EXPIRED',
    message: 'its certificate has expired',
    hint: 'give the agent a new certificate, or set the clock of this host',
  },
  {
    pattern: /CERT_NOT_YET_VALID|not yet valid/,
    code: 'AGENT_CERTIFICATE_EXPIRED',
    message: 'its certificate is not valid yet',
    hint: 'set the clocks of this host and of that of the agent',
  },
  {
    pattern: /ALTNAME_INVALID/,
    code: 'AGENT_CERTIFICATE_WRONG',
    message: 'its certificate is for another host',
    hint: 'use an address that the certificate names, or pin the certificate with --agent-fingerprint',
  },
  {
    pattern: /SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_UNTRUSTED|self-signed/,
    code: 'AGENT_CERTIFICATE_WRONG',
    message: 'its certificate is not from the authority of --tls-ca',
    hint: 'give the agent a certificate of that authority (--tls-cert and --tls-key), or leave --tls-ca away',
  },
  {
    pattern: /CERTIFICATE_REQUIRED|certificate required/i,
    code: 'CONTROLLER_CERTIFICATE',
    message: 'it wants a certificate of this controller',
    hint: 'give --tls-cert and --tls-key here, from an authority that --tls-client-ca of the agent names',
  },
  {
    pattern:
      /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_EXPIRED|DECRYPT_ERROR)|alert (?:unknown ca|bad certificate|certificate expired)/i,
    code: 'CONTROLLER_CERTIFICATE',
    message: 'it refuses the certificate of this controller',
    hint: 'give a valid one with --tls-cert and --tls-key, from an authority that --tls-client-ca of the agent names',
  },
  {
    pattern: /PROTOCOL_VERSION|WRONG_VERSION_NUMBER|protocol version|wrong version number/i,
    code: 'AGENT_WITHOUT_TLS',
    message: 'it does not speak TLS',
    hint: 'start the agent without --insecure; or, if everybody on the network may use it, give --insecure here as well',
    loopbackHint:
      'leave --tls away, with all options about certificates, or start the agent with --tls',
  },
];

/** A line of the error queue of OpenSSL: an address, numbers and names of its source, which say nothing to a user. */
const OPENSSL_ERROR = /\b[0-9A-F]+:error:[0-9A-F]+:/;

/** What a connection failed of, when it failed of its lock; undefined for everything else. */
export function explainLinkError(
  error: unknown,
  { address, isLoopback }: LinkedAgent,
): BenchError | undefined {
  const text = textOf(error);
  const found = EXPLANATIONS.find(({ pattern }) => pattern.test(text));
  if (found === undefined) return undefined;
  const { code, hint, loopbackHint, message } = found;
  return new BenchError(`cannot talk to the agent at ${address}: ${message}`, {
    code,
    class: 'auth',
    endpoint: address,
    hint: isLoopback ? (loopbackHint ?? hint) : hint,
    ...(OPENSSL_ERROR.test(text) ? {} : { cause: error }),
  });
}

/** Codes and messages of an error and of what caused it. */
function textOf(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
    const { cause, code, message } = current as Partial<Record<string, unknown>>;
    parts.push(String(code), String(message));
    current = cause;
  }
  return parts.join('\n');
}
