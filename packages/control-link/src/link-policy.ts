import { BenchError } from '@sai3bench/errors';

/** How the two ends of a control link talk. */
export type LinkKind =
  /** Encrypted, and at least one end has proved who it is. */
  | 'tls'
  /** In the clear, but nobody beyond this host can listen. */
  | 'local'
  /** In the clear, for everybody on the network to read and to use: somebody wanted it so. */
  | 'open';

export interface LinkWishes {
  readonly side: 'agent' | 'controller';
  /** The address, and whose it is, as a sentence begins: `agent a1 at 10.0.0.1:7167`. */
  readonly where: string;
  /** Whether only this host can reach it. */
  readonly isLoopback: boolean;
  /** Whether TLS was asked for, by `--tls` or by any option that is about it. */
  readonly tls: boolean;
  readonly insecure: boolean;
  readonly hasToken: boolean;
  /** Whether controllers show a certificate: an agent demands it, a controller has one. */
  readonly hasClientCertificates: boolean;
  /** A command line that makes a token. */
  readonly tokenRecipe: string;
}

/**
 * How to talk, by what was said on the command line and what secrets there are. Both ends decide alike from their own.
 *
 * @throws BenchError `LINK_CONTRADICTION` for TLS that is to be insecure, `LINK_UNLOCKED` for an address that other hosts
 *   can reach when controllers have nothing to show
 */
export function decideLink(wishes: LinkWishes): LinkKind {
  const { hasClientCertificates, hasToken, insecure, isLoopback, tls } = wishes;
  if (insecure && tls) {
    throw new BenchError('--insecure means a link without TLS, and other options ask for TLS', {
      code: 'LINK_CONTRADICTION',
      class: 'config',
      hint: 'leave --insecure away, here and on the other side',
    });
  }
  if (isLoopback) return tls ? 'tls' : 'local';
  if (insecure) return 'open';
  if (hasToken || hasClientCertificates) return 'tls';
  throw unlocked(wishes);
}

function unlocked({ side, tokenRecipe, where }: LinkWishes): BenchError {
  const [what, elsewhere] =
    side === 'agent'
      ? ['can be reached from other hosts', 'the host of sai3bench-ctl']
      : ['is on another host', 'the hosts of all agents'];
  return new BenchError(
    `${where} ${what}, and there is no token by which agents and controllers know each other`,
    {
      code: 'LINK_UNLOCKED',
      class: 'config',
      hint: `make one: ${tokenRecipe} and copy that file to the same place on ${elsewhere}; or, if everybody on the network may use the agents, add --insecure on both sides`,
    },
  );
}
