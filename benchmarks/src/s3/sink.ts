// Answers every PUT when its body has arrived, and keeps nothing. sink.ts PORT
import { createServer } from 'node:net';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: "x"\r\n\r\n';
const server = createServer({ noDelay: true }, (socket) => {
  let bodyLeft = 0;
  let head = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    let offset = 0;
    while (offset < data.length) {
      if (bodyLeft === 0) {
        const before = head.length;
        head += data.toString('latin1', offset);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        bodyLeft = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
        offset += end + 4 - before;
        head = '';
      }
      const taken = Math.min(bodyLeft, data.length - offset);
      offset += taken;
      bodyLeft -= taken;
      if (bodyLeft === 0) socket.write(ANSWER);
    }
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  console.log('ready');
});
