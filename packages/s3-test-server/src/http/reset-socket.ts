import type { Socket } from 'node:net';

/**
 * Resets a connection. One whose end is under way is closed instead: libuv refuses to reset it (`uv_tcp_close_reset`), of
 * which Node.js takes no notice; its handle would stay, and with it the process, which turns in circles when it should end.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
