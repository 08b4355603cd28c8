import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { Code, ConnectError } from '@connectrpc/connect';
import { codeToHttpStatus, errorToJson } from '@connectrpc/connect/protocol-connect';
import { ErrorDetailSchema, errorToWire, isLoopbackHost } from '@sai3bench/barrier-protocol';
import { BenchError, type ErrorRecord, toErrorRecord } from '@sai3bench/errors';

/** A refusal that tells the controller what to do about it, and not only why. */
export function refusalOf(code: Code, why: ErrorRecord): ConnectError {
  const detail = { desc: ErrorDetailSchema, value: errorToWire(why) };
  return new ConnectError(why.message, code, undefined, [detail]);
}

/** For a controller that has no token, or another one. */
export function wrongToken(hasToken: boolean): ConnectError {
  const why = hasToken
    ? 'another token than that of the controller'
    : 'a token, and the controller has none';
  return new ConnectError(`this agent is locked by ${why}`, Code.Unauthenticated);
}

/**
 * For a controller that does not speak TLS as the agent does. On the agent's own host it was not told to; from elsewhere it
 * would, had it not been told not to.
 */
export function tlsOnly(remoteAddress = ''): ConnectError {
  const isLocal = isLoopbackHost(remoteAddress.replace(/^::ffff:/, ''));
  const why = new BenchError('this agent speaks TLS only', {
    code: 'TLS_ONLY',
    class: 'auth',
    hint: isLocal ? 'give --tls to sai3bench-ctl' : 'start sai3bench-ctl without --insecure',
  });
  return refusalOf(Code.PermissionDenied, toErrorRecord(why));
}

/** Answers a request without reading what it has sent. */
export function refuse(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  refusal: ConnectError,
): void {
  response.writeHead(codeToHttpStatus(refusal.code), { 'content-type': 'application/json' });
  response.end(JSON.stringify(errorToJson(refusal, undefined)));
  request.stream.resume(); // What is still on its way is thrown away, so that the answer arrives.
}
