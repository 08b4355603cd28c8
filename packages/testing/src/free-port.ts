import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Ports of one process; processes that live at the same time have numbers that are near each other. */
const PORTS_OF_PROCESS = 32;
const LOWEST = 10_240;
/** Where the system begins to choose from on its own, unless it says otherwise. */
const USUAL_LIMIT = 32_768;

let taken = 0;

/**
 * A port of the loopback interface that nobody listens on at the moment, nor anybody gets who asks the system for any:
 * it stays free until it is used, whatever else is started meanwhile.
 */
export async function freePort(): Promise<number> {
  const places = Math.max(1, Math.floor((limit() - LOWEST) / PORTS_OF_PROCESS));
  for (;;) {
    const first =
      LOWEST + ((process.pid + Math.floor(taken / PORTS_OF_PROCESS)) % places) * PORTS_OF_PROCESS;
    const port = first + (taken++ % PORTS_OF_PROCESS);
    if (await isFree(port)) return port;
  }
}

/** The lowest port that the system hands out by itself. */
function limit(): number {
  try {
    const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    return Math.max(LOWEST + PORTS_OF_PROCESS, Number.parseInt(range, 10));
  } catch {
    // Not Linux.
    return USUAL_LIMIT;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
