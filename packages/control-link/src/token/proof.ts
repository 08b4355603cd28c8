import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Secret } from '@sai3bench/secret';

/** Who proves that it knows the token. The one's proof is of no use to the other. */
export type Prover = 'agent' | 'controller';

/** What makes a proof worthless anywhere but on the connection that it was made for. */
export interface Exchange {
  /** 32 random bytes of the controller. */
  readonly controllerNonce: Buffer;
  /** 32 random bytes of the agent. */
  readonly agentNonce: Buffer;
  /** What only the two ends of this TLS connection can compute (RFC 9266); empty where there is no TLS. */
  readonly binding: Buffer;
}

const NONCE_BYTES = 32;
const BINDING_BYTES = 32;
/** The label that RFC 9266 gives to this use. */
const BINDING_LABEL = 'EXPORTER-Channel-Binding';

export function newNonce(): Buffer {
  return randomBytes(NONCE_BYTES);
}

/** A nonce as it goes over the wire, read back; undefined when it is none. */
export function parseNonce(text: unknown): Buffer | undefined {
  if (typeof text !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64url');
}

/** What only the two ends of a connection can compute; empty for one without TLS. */
export function channelBinding(session: Http2Session): Buffer {
  if (session.encrypted !== true) return Buffer.alloc(0);
  const socket = session.socket as TLSSocket;
  return socket.exportKeyingMaterial(BINDING_BYTES, BINDING_LABEL, Buffer.alloc(0));
}

/** Proves the knowledge of a token without telling anything about it. */
export function proofOf(token: Secret, prover: Prover, exchange: Exchange): Buffer {
  return createHmac('sha256', token.expose())
    .update(`sai3bench control link 1: ${prover}\0`)
    .update(exchange.controllerNonce)
    .update(exchange.agentNonce)
    .update(exchange.binding)
    .digest();
}

/** Whether a proof that arrived as text is the expected one; takes the same time wherever they differ. */
export function isProof(text: unknown, expected: Buffer): boolean {
  if (typeof text !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(text)) return false;
  return timingSafeEqual(Buffer.from(text, 'base64url'), expected);
}
