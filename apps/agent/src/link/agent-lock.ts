import {
  decideLink,
  type Identity,
  identityFromFiles,
  type LinkKind,
  ownIdentity,
  readPem,
  readToken,
  tokenRecipe,
} from '@sai3bench/control-link';
import { isLoopbackHost } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { Secret } from '@sai3bench/secret';
import { formatAddress, type ListenAddress } from './listen-address.ts';

/** What the command line says about who may come in. */
export interface LockOptions {
  readonly insecure: boolean;
  readonly tls: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Authorities whose certificates controllers must show. */
  readonly tlsClientCa?: string;
  readonly tokenFile?: string;
}

/** Who may come in, and how the agent shows who it is. */
export interface AgentLock {
  readonly kind: LinkKind;
  /** What controllers must know; undefined when anybody may come in. */
  readonly token: Secret | undefined;
  /** Present with TLS. */
  readonly identity: Identity | undefined;
  /** Certificates of the authorities, in PEM. */
  readonly clientCa: string | undefined;
}

/**
 * Finds out how the agent is to be locked, and gets the certificate and the token for it.
 *
 * @throws BenchError of class `config` when files cannot be used or an address beyond this host would not be locked
 */
export function openLock(
  options: LockOptions,
  address: ListenAddress,
  env: Readonly<Record<string, string | undefined>>,
  now: Date,
): AgentLock {
  const { insecure, tls, tlsCert, tlsClientCa, tlsKey, tokenFile } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new BenchError('--tls-cert and --tls-key belong together, and one is missing', {
      code: 'TLS_FILE',
      class: 'config',
      hint: 'give both, or none for a certificate that the agent makes itself',
    });
  }
  const token = readToken({ file: tokenFile, env });
  const kind = decideLink({
    side: 'agent',
    where: formatAddress(address),
    isLoopback: isLoopbackHost(address.host),
    tls: tls || tlsCert !== undefined || tlsClientCa !== undefined,
    insecure,
    hasToken: token !== undefined,
    hasClientCertificates: tlsClientCa !== undefined,
    tokenRecipe: tokenRecipe(env),
  });
  if (kind !== 'tls') return { kind, token, identity: undefined, clientCa: undefined };
  return {
    kind,
    token,
    identity:
      tlsCert === undefined || tlsKey === undefined
        ? ownIdentity(env, now)
        : identityFromFiles(tlsCert, tlsKey, now),
    clientCa: tlsClientCa === undefined ? undefined : readPem(tlsClientCa),
  };
}
