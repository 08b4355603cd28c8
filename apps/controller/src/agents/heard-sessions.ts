import type { ClientHttp2Stream } from 'node:http2';
import { Http2SessionManager } from '@connectrpc/connect-node';

/**
 * Connections whose last error is always heard. Node tells of it only when the socket has closed; a call that comes before
 * lets the manager forget the connection, and an error that nobody hears would end the process.
 */
export class HeardSessions extends Http2SessionManager {
  override async request(
    ...args: Parameters<Http2SessionManager['request']>
  ): Promise<ClientHttp2Stream> {
    const stream = await super.request(...args);
    const { session } = stream;
    if (session?.listeners('error').includes(ignore) === false) session.on('error', ignore);
    return stream;
  }
}

/** The manager has already told it to everybody whom it concerns. */
function ignore(): void {
  return;
}
