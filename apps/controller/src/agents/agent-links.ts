import {
  decideLink,
  identityFromFiles,
  KnownAgents,
  knownAgentsFile,
  type LinkKind,
  parseFingerprints,
  readPem,
  readToken,
  tokenRecipe,
} from '@sai3bench/control-link';
import { type AgentConnection, isLoopbackAddress, type RosterEntry } from '@sai3bench/coordinator';
import { BenchError } from '@sai3bench/errors';
import type { Secret } from '@sai3bench/secret';
import { DEFAULT_KEEP_ALIVE, type KeepAlive } from '@sai3bench/workload-config';
import { connectAgent, type LinkLock } from './connect-agent.ts';

/** What the command line says about the links to agents. */
export interface LinkOptions {
  readonly insecure: boolean;
  readonly tls: boolean;
  /** Authorities that stand for agents. */
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly agentFingerprint?: string;
  readonly tokenFile?: string;
}

type Agent = Pick<RosterEntry, 'address' | 'id'>;

/** The links from this controller to agents, all locked alike. */
export class AgentLinks {
  readonly #options: LinkOptions;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #lock: Omit<LinkLock, 'kind'>;
  readonly #keepAlive: KeepAlive;

  /**
   * Gets the token and the certificates.
   *
   * @param notice tells what the user should know, though it is no error
   * @param keepAlive is how links that are broken are found out
   * @throws BenchError of class `config` when they cannot be used
   */
  constructor(
    options: LinkOptions,
    env: Readonly<Record<string, string | undefined>>,
    notice: (text: string) => void,
    keepAlive = DEFAULT_KEEP_ALIVE,
  ) {
    const { agentFingerprint, tlsCa, tokenFile } = options;
    this.#options = options;
    this.#env = env;
    this.#keepAlive = keepAlive;
    const ca = tlsCa === undefined ? undefined : readPem(tlsCa);
    this.#lock = {
      trust: {
        token: readToken({ file: tokenFile, env }),
        fingerprints: agentFingerprint === undefined ? [] : parseFingerprints(agentFingerprint),
        hasAuthority: ca !== undefined,
        knownAgents: new KnownAgents(knownAgentsFile(env)),
        notice,
      },
      ca,
      own: ownCertificate(options),
    };
  }

  /**
   * Looks whether all agents may be talked to.
   *
   * @throws BenchError `LINK_UNLOCKED` or `LINK_CONTRADICTION`
   */
  check(agents: readonly Agent[]): void {
    for (const { address, id } of agents) this.#kindOf(address, `agent ${id} at ${address}`);
  }

  /** What the user must not overlook: agents to which everything is sent for all to read. */
  warnings(agents: readonly Agent[]): string[] {
    const open = agents.filter(({ address }) => this.#kindOf(address, address) === 'open');
    const [first] = open;
    if (first === undefined) return [];
    const more = open.length === 1 ? '' : ` and ${String(open.length - 1)} more`;
    return [
      `⚠ ⚠ ⚠  --insecure: the link to ${first.id} (${first.address})${more} is NOT ENCRYPTED  ⚠ ⚠ ⚠`,
      '⚠ whoever is on the way can read all of it, and take the run over: use it only in a network that you trust',
    ];
  }

  /**
   * Looks whether nobody on the way can read what is sent to the agents.
   *
   * @throws BenchError `FORWARD_IN_THE_CLEAR`
   */
  checkPrivacy(agents: readonly Agent[]): void {
    const open = agents.find(({ address }) => this.#kindOf(address, address) === 'open');
    if (open === undefined) return;
    throw new BenchError(
      `credentials are not forwarded to agent ${open.id} at ${open.address}: with --insecure everybody on the way could read them`,
      {
        code: 'FORWARD_IN_THE_CLEAR',
        class: 'config',
        hint: 'leave --insecure away, here and on the agents, or set the credentials where the agents run',
      },
    );
  }

  /** Opens a way to an agent. Nothing is sent until it is used. */
  connect(address: string): AgentConnection {
    const lock = { ...this.#lock, kind: this.#kindOf(address, address) };
    return connectAgent(address, lock, this.#keepAlive);
  }

  /** The same for an agent that was started on this host with a token of its own. */
  connectLocally(address: string, token: Secret): AgentConnection {
    const trust = { ...this.#lock.trust, token };
    return connectAgent(address, { ...this.#lock, trust, kind: 'local' }, this.#keepAlive);
  }

  #kindOf(address: string, where: string): LinkKind {
    const { insecure, tls, tlsCa, tlsCert } = this.#options;
    return decideLink({
      side: 'controller',
      where,
      isLoopback: isLoopbackAddress(address),
      tls: tls || tlsCa !== undefined || tlsCert !== undefined || this.#isPinned,
      insecure,
      hasToken: this.#lock.trust.token !== undefined,
      hasClientCertificates: tlsCert !== undefined,
      tokenRecipe: tokenRecipe(this.#env),
    });
  }

  get #isPinned(): boolean {
    return this.#lock.trust.fingerprints.length > 0;
  }
}

function ownCertificate({ tlsCert, tlsKey }: LinkOptions): LinkLock['own'] {
  if (tlsCert !== undefined && tlsKey !== undefined) {
    return identityFromFiles(tlsCert, tlsKey, new Date());
  }
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  throw new BenchError('--tls-cert and --tls-key belong together, and one is missing', {
    code: 'TLS_FILE',
    class: 'config',
    hint: 'give both, or none when agents do not ask for a certificate',
  });
}
