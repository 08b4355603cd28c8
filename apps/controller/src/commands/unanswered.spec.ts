import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StopSignal } from '@sai3bench/coordinator';
import { RunJournal } from '@sai3bench/results-dir';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { Detachment } from '../detachment.ts';
import { runProgram } from '../program.ts';
import { VERSION } from '../version.ts';

let directory: TemporaryDirectory;
let server: Server;
let sockets: Socket[];
let stop: StopSignal;
let address: string;

beforeEach(async () => {
  directory = temporaryDirectory();
  sockets = [];
  stop = new StopSignal();
  server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  new RunJournal(directory.path).writeRun({
    version: VERSION,
    runId: 'run',
    controller: { hostname: 'elsewhere', processId: 1, started: '1' },
    workload: { stages: [], keepAlive: { intervalMs: 60_000, timeoutMs: 60_000 } },
    agents: [{ id: 'agent-1', address }],
    ownsAgents: false,
    processes: {},
  });
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  directory.remove();
});

async function run(...argv: string[]) {
  let output = '';
  const exitCode = await runProgram(argv, {
    sink: { write: (text) => (output += text), isTTY: false, columns: 80 },
    writeError: (text) => (output += text),
    cwd: directory.path,
    env: { XDG_CONFIG_HOME: directory.path },
    commandLine: ['sai3bench-ctl', ...argv],
    readFile: () => '',
    ask: undefined,
    stop,
    detachment: new Detachment(),
  });
  return { exitCode, output };
}

describe.each([
  ['interrupted', 130],
  ['terminated', 143],
] as const)('a command that is %s while an agent does not answer', (reason, code) => {
  beforeEach(() => {
    server.once('connection', () => {
      stop.request(reason);
    });
  });

  it.each([
    ['ping', 'Interrupted before all agents had answered'],
    ['status', 'Interrupted before all agents had answered'],
    ['stop', 'it is not known whether they have stopped\n  -> ask them with: sai3bench-ctl status'],
    ['attach', 'before the run was taken over: it goes on as it did\n  -> stop it with:'],
  ])('ends without the answer: %s', async (command, meaning) => {
    const where = command === 'ping' ? ['--agents', address] : [directory.path];
    const { exitCode, output } = await run(command, ...where);
    expect(output).toContain(meaning);
    expect(output).not.toContain('cannot reach');
    expect(exitCode).toBe(code);
  });
});
