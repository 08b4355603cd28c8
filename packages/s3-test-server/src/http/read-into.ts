import { Socket } from 'node:net';

type SocketOptions = ConstructorParameters<typeof Socket>[0];

/**
 * Makes an accepted connection read into `buffer`, which all connections may share: `onBytes` is called with the part
 * that was filled, and must be done with it when it returns. That takes about a third of the time that `data` events
 * take for large bodies, each of which comes in a buffer of its own.
 *
 * Node offers `onread` for outgoing connections only, so the handle moves to a socket that is made with it. Where a
 * version of Node has no such handle, the accepted socket is returned, with a listener to its `data` events.
 *
 * @param accepted by a server with `pauseOnConnect`
 */
export function readInto(
  accepted: Socket,
  buffer: Buffer,
  onBytes: (bytes: Buffer) => void,
): Socket {
  const owner = accepted as unknown as { _handle?: object | null };
  const handle = owner._handle;
  if (handle === undefined || handle === null) {
    accepted.on('data', onBytes);
    accepted.resume();
    return accepted;
  }
  owner._handle = null;
  // The server has one connection less to wait for when it closes: the new socket is its owner's business.
  accepted.destroy();
  const onread = {
    buffer,
    callback: (length: number): boolean => {
      onBytes(buffer.subarray(0, length));
      return true;
    },
  };
  return new Socket({ handle, allowHalfOpen: true, onread } as SocketOptions);
}
