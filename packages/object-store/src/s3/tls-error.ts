/** What a failure of TLS means. */
export interface TlsErrorMeaning {
  /** Of OpenSSL, or of node. */
  readonly code: string;
  readonly hint: string;
}

/** What an error says about TLS; undefined for one that is no failure of certificates or handshakes. */
export function tlsErrorMeaning(cause: unknown): TlsErrorMeaning | undefined {
  // They have codes of OpenSSL, which no system error has.
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  if (!/CERT|SELF_SIGNED|^ERR_TLS|^ERR_SSL|^EPROTO$|^UNABLE_TO/.test(code)) return undefined;
  return {
    code,
    hint: /CERT|SELF_SIGNED|UNABLE_TO/.test(code)
      ? 'give the certificate of the authority as s3.tls.ca, or the right name as s3.tls.servername'
      : SPEAKS_NO_TLS,
  };
}

/** What to do about a server with which no handshake comes about. */
export const SPEAKS_NO_TLS =
  'check that the server speaks TLS at this port, and which versions it accepts';
