// An S3 server that has every object and keeps none: it serves zeros, and takes what is put. Only the probes of the
// check before a run are kept, one at a time. object-sink.ts OBJECT_BYTES; prints its port.
import { type AddressInfo, createServer, type Socket } from 'node:net';

const objectBytes = Number(process.argv[2]);
const PROBE = 'preflight-probe';
const object = Buffer.concat([
  Buffer.from(head('200 OK', `Content-Length: ${String(objectBytes)}\r\nETag: "x"\r\n`)),
  Buffer.alloc(objectBytes),
]);
const objectHead = object.subarray(0, object.length - objectBytes);
const done = Buffer.from(head('200 OK', 'Content-Length: 0\r\nETag: "x"\r\n'));
const deleted = Buffer.from(head('204 No Content', ''));
const missingText = '<Error><Code>NoSuchKey</Code></Error>';
const missing = Buffer.from(
  head('404 Not Found', `Content-Length: ${String(missingText.length)}\r\n`) + missingText,
);
let probe: Buffer | undefined;

const server = createServer({ noDelay: true }, (socket) => {
  let held: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    held = held.length === 0 ? data : Buffer.concat([held, data]);
    for (let used = answer(socket, held); used > 0; used = answer(socket, held)) {
      held = held.subarray(used);
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on port ${String((server.address() as AddressInfo).port)}`);
});

function head(status: string, fields: string): string {
  return `HTTP/1.1 ${status}\r\n${fields}\r\n`;
}

/** Answers the first request if all of it has arrived; returns its length, 0 when there is none. */
function answer(socket: Socket, bytes: Buffer): number {
  const headEnd = bytes.indexOf('\r\n\r\n') + 4;
  if (headEnd < 4) return 0;
  const text = bytes.toString('latin1', 0, headEnd);
  const bodyBytes = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
  const end = headEnd + bodyBytes;
  if (bytes.length < end) return 0;
  const method = text.slice(0, text.indexOf(' '));
  const isProbe = text.slice(0, text.indexOf('\r')).includes(PROBE);
  if (isProbe && method === 'PUT') probe = Buffer.from(bytes.subarray(headEnd, end));
  socket.write(isProbe && method === 'GET' ? probeAnswer() : answerTo(method));
  if (isProbe && method === 'DELETE') probe = undefined;
  return end;
}

function answerTo(method: string): Buffer {
  if (method === 'GET') return object;
  if (method === 'HEAD') return objectHead;
  return method === 'DELETE' ? deleted : done;
}

function probeAnswer(): Buffer {
  if (probe === undefined) return missing;
  const start = head('200 OK', `Content-Length: ${String(probe.length)}\r\nETag: "x"\r\n`);
  return Buffer.concat([Buffer.from(start), probe]);
}
