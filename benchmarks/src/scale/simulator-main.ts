// Many simulated agents in one process, each behind a port of its own. Prints the ports as JSON, and ends with its input.
//
//   node benchmarks/src/scale/simulator-main.ts VERSION AGENTS
import { once } from 'node:events';
import { createServer } from 'node:http2';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { sampleDeltas } from './sample-deltas.ts';
import { SimulatedAgent } from './simulated-agent.ts';

const [, , version = '', agents = '1'] = process.argv;
const deltas = sampleDeltas(Math.random);

const ports = await Promise.all(
  Array.from({ length: Number(agents) }, async (_, number) => {
    const { routes } = new SimulatedAgent(version, deltas, number);
    const server = createServer(connectNodeAdapter({ routes, acceptCompression: [] }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? address?.port : undefined;
  }),
);
console.log(JSON.stringify(ports));

process.stdin.resume();
process.stdin.once('end', () => process.exit());
