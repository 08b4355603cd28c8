import type { Http2ServerRequest, Http2ServerResponse, Http2Session } from 'node:http2';
import type { Secret } from '@sai3bench/secret';
import { channelBinding, isProof, newNonce, parseNonce, proofOf } from './proof.ts';
import { NONCE_HEADER, PROOF_HEADER, PROOF_PATH, proofIn } from './proof-headers.ts';

/**
 * The agent's side of the token: proves it to a controller that asks, and lets nobody in who has not proved it too. What
 * a controller must send is another proof on every connection.
 */
export class TokenGate {
  readonly #token: Secret | undefined;
  readonly #expected = new WeakMap<Http2Session, Buffer>();

  /** @param token lets everybody in when undefined */
  constructor(token: Secret | undefined) {
    this.#token = token;
  }

  /** Answers a request that is about the proof; false when it is about something else. */
  answer(request: Http2ServerRequest, response: Http2ServerResponse): boolean {
    if (request.url !== PROOF_PATH) return false;
    response.writeHead(204, this.#prove(request));
    response.end();
    return true;
  }

  /** Whether a request comes from somebody who knows the token. */
  admits(request: Http2ServerRequest): boolean {
    if (this.#token === undefined) return true;
    const { session } = request.stream;
    const expected = session === undefined ? undefined : this.#expected.get(session);
    const { authorization } = request.headers;
    return expected !== undefined && isProof(proofIn(authorization), expected);
  }

  #prove(request: Http2ServerRequest): Record<string, string> {
    const token = this.#token;
    const controllerNonce = parseNonce(request.headers[NONCE_HEADER]);
    const { session } = request.stream;
    if (token === undefined || controllerNonce === undefined || session === undefined) return {};
    const agentNonce = newNonce();
    const exchange = { controllerNonce, agentNonce, binding: channelBinding(session) };
    this.#expected.set(session, proofOf(token, 'controller', exchange));
    return {
      [NONCE_HEADER]: agentNonce.toString('base64url'),
      [PROOF_HEADER]: proofOf(token, 'agent', exchange).toString('base64url'),
    };
  }
}
