import type { ConnectionOptions } from 'node:tls';

/** How the server's identity is checked, and how this client identifies itself. Contents of PEM files, not paths. */
export interface TlsSettings {
  /** Certificates to trust instead of those of the system. */
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Name to ask for and to check, when it is not that of the address. */
  readonly servername?: string;
  /** Do not check the server's certificate. */
  readonly insecure?: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

/** The settings as Node wants them; an IP address is checked but cannot be asked for (RFC 6066 section 3). */
export function tlsConnectionOptions(
  settings: TlsSettings,
  host: string,
  isAddress: boolean,
): ConnectionOptions {
  const { ca, cert, insecure, key, minVersion } = settings;
  const servername = settings.servername ?? (isAddress ? undefined : host);
  return {
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: insecure !== true,
    ...(servername === undefined ? {} : { servername }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(minVersion === undefined ? {} : { minVersion }),
  };
}
