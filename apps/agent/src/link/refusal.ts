import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { isLoopbackHost } from '@sai3bench/barrier-protocol';

/** Why a request is not let in, as Connect writes errors. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const NO_TOKEN: Refusal = {
  status: 401,
  code: 'unauthenticated',
  message: 'this agent is locked by a token, and the controller has none',
};

export const WRONG_TOKEN: Refusal = {
  status: 401,
  code: 'unauthenticated',
  message: 'this agent is locked by another token than that of the controller',
};

/**
 * For a controller that does not speak TLS as the agent does. On the agent's own host it was not told to; from elsewhere it
 * would, had it not been told not to.
 */
export function tlsOnly(remoteAddress = ''): Refusal {
  const remedy = isLoopbackHost(remoteAddress.replace(/^::ffff:/, ''))
    ? 'give --tls to sai3bench-ctl'
    : 'start sai3bench-ctl without --insecure';
  return {
    status: 403,
    code: 'permission_denied',
    message: `this agent speaks TLS only: ${remedy}`,
  };
}

/** Answers a request without reading what it has sent. */
export function refuse(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  { code, message, status }: Refusal,
): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code, message }));
  request.stream.resume(); // What is still on its way is thrown away, so that the answer arrives.
}
