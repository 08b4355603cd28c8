import type { X509Certificate } from 'node:crypto';
import type { ClientHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { BenchError } from '@sai3bench/errors';
import type { Secret } from '@sai3bench/secret';
import { fingerprintOf } from '../certificate/fingerprint.ts';
import { channelBinding, isProof, newNonce, parseNonce, proofOf } from '../token/proof.ts';
import { authorizationOf, NONCE_HEADER, PROOF_HEADER } from '../token/proof-headers.ts';
import { judgeCertificate } from './judge-certificate.ts';
import type { KnownAgents } from './known-agents.ts';

/** By what a controller tells agents from impostors. */
export interface TrustOptions {
  readonly token: Secret | undefined;
  /** Fingerprints that agents may have; none when any may. */
  readonly fingerprints: readonly string[];
  /** Whether TLS itself lets only those through for whom an authority of the user's stands. */
  readonly hasAuthority: boolean;
  readonly knownAgents: KnownAgents;
  /** Tells what the user should know, though it is no error. */
  readonly notice: (text: string) => void;
}

/** What an agent has answered to the request for its proof. */
export type ProofAnswer = Readonly<Record<string, unknown>>;

/**
 * One attempt to find out whether the other end of a connection is the agent that is meant. {@link headers} go to
 * {@link PROOF_PATH}; what comes back decides, before anything else is sent.
 */
export class TrustExchange {
  readonly #address: string;
  readonly #options: TrustOptions;
  readonly #nonce = newNonce();

  /** @param address what the agent is called by, in messages and among the known agents */
  constructor(address: string, options: TrustOptions) {
    this.#address = address;
    this.#options = options;
  }

  get headers(): Record<string, string> {
    return { [NONCE_HEADER]: this.#nonce.toString('base64url') };
  }

  /**
   * @returns the `authorization` that the agent wants with every call on this connection; undefined when it wants none
   * @throws BenchError `AGENT_CERTIFICATE_WRONG`, `AGENT_CERTIFICATE_CHANGED` or `AGENT_UNPROVEN`
   */
  conclude(session: ClientHttp2Session, answer: ProofAnswer): string | undefined {
    const { token } = this.#options;
    const agentNonce = parseNonce(answer[NONCE_HEADER]);
    const exchange =
      agentNonce === undefined
        ? undefined
        : { controllerNonce: this.#nonce, agentNonce, binding: channelBinding(session) };
    const isProven =
      token !== undefined &&
      exchange !== undefined &&
      isProof(answer[PROOF_HEADER], proofOf(token, 'agent', exchange));
    if (exchange !== undefined && token !== undefined && !isProven) throw this.#otherToken();
    if (session.encrypted === true) this.#judge(certificateOf(session), isProven);
    return isProven ? authorizationOf(proofOf(token, 'controller', exchange)) : undefined;
  }

  #judge(certificate: X509Certificate, isProven: boolean): void {
    const { fingerprints, hasAuthority, knownAgents, notice, token } = this.#options;
    const fingerprint = fingerprintOf(certificate);
    const isPinned = hasAuthority || fingerprints.length > 0;
    const known = isPinned ? undefined : knownAgents.get(this.#address);
    const verdict = judgeCertificate({
      fingerprint,
      isCertified: hasAuthority,
      expected: fingerprints,
      known,
      isProven,
      hasToken: token !== undefined,
    });
    switch (verdict) {
      case 'trusted':
        return;
      case 'remember':
        knownAgents.remember(this.#address, fingerprint);
        if (!isProven) {
          notice(
            `The agent at ${this.#address} is new here and is trusted from now on by its certificate ${fingerprint}: compare it with what the agent prints when it starts`,
          );
        }
        return;
      case 'replace':
        knownAgents.remember(this.#address, fingerprint);
        notice(
          `The agent at ${this.#address} has a new certificate, ${fingerprint}; it knows the token, so it is trusted`,
        );
        return;
      case 'wrong':
        throw new BenchError(
          `the agent at ${this.#address} has the certificate ${fingerprint}, which --agent-fingerprint does not name`,
          {
            code: 'AGENT_CERTIFICATE_WRONG',
            class: 'auth',
            endpoint: this.#address,
            hint: 'compare it with what the agent prints when it starts: name it if it is the same, else somebody is between you and the agent',
          },
        );
      case 'changed':
        throw new BenchError(
          `the certificate of the agent at ${this.#address} has changed: it was ${String(known)}, it is ${fingerprint}`,
          {
            code: 'AGENT_CERTIFICATE_CHANGED',
            class: 'auth',
            endpoint: this.#address,
            hint: `compare it with what the agent prints when it starts: if it is the same, remove the line of ${this.#address} from ${knownAgents.path}, else somebody is between you and the agent`,
          },
        );
      case 'unproven':
        throw new BenchError(`the agent at ${this.#address} has no token`, {
          code: 'AGENT_UNPROVEN',
          class: 'auth',
          endpoint: this.#address,
          hint: 'copy the token of this host to the same place on the host of the agent and start it again; nothing was sent to it',
        });
    }
  }

  #otherToken(): BenchError {
    return new BenchError(`the agent at ${this.#address} has another token than this host`, {
      code: 'AGENT_UNPROVEN',
      class: 'auth',
      endpoint: this.#address,
      hint: 'copy the token of this host to the host of the agent and start it again; if the tokens are the same, somebody is between you and the agent',
    });
  }
}

function certificateOf(session: ClientHttp2Session): X509Certificate {
  const certificate = (session.socket as TLSSocket).getPeerX509Certificate();
  if (certificate !== undefined) return certificate;
  throw new BenchError('the agent shows no certificate', {
    code: 'AGENT_CERTIFICATE_WRONG',
    class: 'auth',
    hint: 'this is not an agent of sai3bench: check its address',
  });
}
