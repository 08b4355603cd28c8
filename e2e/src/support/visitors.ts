import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

/** An address of this host that others can reach; undefined where there is none. */
export function reachableAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

/** Connects to `host:port` and sends some bytes. */
export async function visit(address: string, bytes: string): Promise<Socket> {
  const [host = '', port = ''] = address.split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.write(Buffer.from(bytes, 'latin1'));
  return socket;
}

/** Asks something over TLS without knowing the token; returns the status of the answer. */
export async function askOverTls(
  address: string,
  headers: Readonly<Record<string, string>>,
): Promise<unknown> {
  const session = connectHttp2(`https://${address}`, { rejectUnauthorized: false });
  try {
    await once(session, 'connect');
    const stream = session.request({
      ':method': 'POST',
      ':path': '/sai3bench.agent.v1.AgentService/GetInfo',
      ...headers,
    });
    stream.end();
    stream.resume();
    const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
    return answer[':status'];
  } finally {
    session.destroy();
  }
}
