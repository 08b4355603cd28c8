import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionRequestOptions,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Http2SessionManager } from '@connectrpc/connect-node';
import {
  explainLinkError,
  PROOF_PATH,
  TrustExchange,
  type TrustOptions,
} from '@sai3bench/control-link';
import { isLoopbackAddress } from '@sai3bench/coordinator';
import { BenchError } from '@sai3bench/errors';

/** A connection whose other end is the agent that is meant. */
interface Proven {
  readonly session: ClientHttp2Session;
  /** What the agent wants with every call; undefined when it wants nothing. */
  readonly authorization: string | undefined;
}

/**
 * The connections to one agent, of which each is made sure to lead to it before any call is sent: also those that replace
 * one that broke.
 */
export class ProvenSessions {
  readonly #address: string;
  readonly #sessions: Http2SessionManager;
  readonly #trust: TrustOptions;
  #proven: Proven | undefined;
  #proving: Promise<Proven> | undefined;

  constructor(address: string, sessions: Http2SessionManager, trust: TrustOptions) {
    this.#address = address;
    this.#sessions = sessions;
    this.#trust = trust;
  }

  get authority(): string {
    return this.#sessions.authority;
  }

  /**
   * Opens a request, whose body is not sent before this resolves.
   *
   * @throws BenchError when the other end is not the agent that is meant
   */
  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: Omit<ClientSessionRequestOptions, 'signal'>,
  ): Promise<ClientHttp2Stream> {
    for (;;) {
      const { authorization, session } = await this.#prove();
      const proof = authorization === undefined ? {} : { authorization };
      const stream = await this.#sessions.request(method, path, { ...headers, ...proof }, options);
      if (stream.session === session) return stream;
      // The connection has broken, and this is another one, of which nothing is known yet.
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  notifyResponseByteRead(stream: ClientHttp2Stream): void {
    this.#sessions.notifyResponseByteRead(stream);
  }

  async #prove(): Promise<Proven> {
    const proven = this.#proven;
    if (proven !== undefined && !proven.session.closed && !proven.session.destroyed) return proven;
    this.#proving ??= this.#exchange().finally(() => {
      this.#proving = undefined;
    });
    this.#proven = await this.#proving;
    return this.#proven;
  }

  async #exchange(): Promise<Proven> {
    const exchange = new TrustExchange(this.#address, this.#trust);
    let session: ClientHttp2Session | undefined;
    try {
      const stream = await this.#sessions.request('GET', PROOF_PATH, exchange.headers, {});
      session = clientSession(stream);
      const answer = await answerTo(stream);
      return { session, authorization: exchange.conclude(session, answer) };
    } catch (error) {
      session?.destroy();
      const agent = { address: this.#address, isLoopback: isLoopbackAddress(this.#address) };
      throw explainLinkError(error, agent) ?? error;
    }
  }
}

function clientSession({ session }: ClientHttp2Stream): ClientHttp2Session {
  if (session !== undefined) return session as ClientHttp2Session;
  throw broken();
}

async function answerTo(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    // Of a connection that the other end refuses, the connection knows more than its streams.
    stream.session?.once('error', reject);
    stream.once('error', reject);
    stream.once('close', () => {
      reject(broken());
    });
    stream.once('response', resolve);
    stream.end();
    stream.resume();
  });
}

function broken(): BenchError {
  return new BenchError('the connection was closed at once', {
    code: 'AGENT_UNREACHABLE',
    class: 'network',
    hint: 'is it an agent of sai3bench that listens there? If so, its terminal says why it refused the connection',
  });
}
