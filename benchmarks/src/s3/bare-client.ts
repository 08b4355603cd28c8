// The yardstick for large PUTs: sockets that write one buffer over and over, unsigned, and wait for an answer.
//
//   bare-client.ts PORT SIZE_BYTES IN_FLIGHT SECONDS
import { createHash } from 'node:crypto';
import { connect } from 'node:net';

const [port = '', size = '', flight = '', seconds = ''] = process.argv.slice(2);
const body = Buffer.alloc(Number(size), 7);
const head = `PUT /bucket/bare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${size}\r\n\r\n`;
const startMs = performance.now();
const usage = process.cpuUsage();
const endMs = startMs + Number(seconds) * 1000;
let operations = 0;

await Promise.all(Array.from({ length: Number(flight) }, run));
const elapsed = (performance.now() - startMs) / 1000;
const { system, user } = process.cpuUsage(usage);
console.log(
  JSON.stringify({
    opsPerSecond: operations / elapsed,
    bytesPerSecond: (operations * body.length) / elapsed,
    cpuUsPerOp: (system + user) / operations,
    failures: 0,
    sha256BytesPerSecond: sha256Rate(),
  }),
);

function run(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
    const send = (): void => {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    };
    socket.on('connect', send).on('error', reject);
    socket.on('data', () => {
      operations++;
      if (performance.now() < endMs) {
        send();
        return;
      }
      socket.destroy();
      resolve();
    });
  });
}

/** How fast this core hashes: what a signed payload cannot beat. */
function sha256Rate(): number {
  const rounds = 16;
  const beganMs = performance.now();
  for (let round = 0; round < rounds; round++) createHash('sha256').update(body).digest();
  return (rounds * body.length) / ((performance.now() - beganMs) / 1000);
}
