import { resolve } from 'node:path';
import { DEFAULT_AGENT_PORT } from '@sai3bench/barrier-protocol';
import { AgentLink, resolveRoster } from '@sai3bench/coordinator';
import { BenchError, type ExitCode, EXIT_CODES, formatError } from '@sai3bench/errors';
import { Terminal } from '@sai3bench/terminal';
import { AgentLinks, type LinkOptions } from '../agents/agent-links.ts';
import type { ProcessIo } from '../process-io.ts';
import { askAll, endUnanswered } from './ask-all.ts';

const TIMEOUT_MS = 5_000;

/** What the command line says. */
export interface PingCommandOptions extends LinkOptions {
  readonly agents?: string;
}

/** `sai3bench-ctl ping`: asks every agent who it is. */
export async function pingCommand(options: PingCommandOptions, io: ProcessIo): Promise<ExitCode> {
  const roster = resolveRoster([], {
    agents: options.agents ?? `127.0.0.1:${String(DEFAULT_AGENT_PORT)}`,
    agentIds: undefined,
    readFile: (path) => io.readFile(resolve(io.cwd, path)),
  });
  const terminal = new Terminal(io.sink);
  const links = new AgentLinks(options, io.env, (text) => {
    terminal.print(`⚠ ${text}`);
  });
  links.check(roster.agents);
  for (const line of links.warnings(roster.agents)) terminal.print(line);
  const agents = roster.agents.map(
    ({ address, id }) => new AgentLink(id, address, () => links.connect(address)),
  );
  const answers = await askAll(agents, ping, io.stop);
  if (answers === undefined) return endUnanswered(io, 'before all agents had answered');
  for (const answer of answers) {
    terminal.print(
      answer.status === 'fulfilled'
        ? answer.value
        : `✗ ${formatError(BenchError.from(answer.reason))}`,
    );
  }
  const all = answers.every(({ status }) => status === 'fulfilled');
  return all ? EXIT_CODES.ok : EXIT_CODES.preflight;
}

async function ping(link: AgentLink): Promise<string> {
  const { address, id } = link;
  const { hostname, runId, version } = await link.info(TIMEOUT_MS);
  const startedMs = performance.now();
  await link.info(TIMEOUT_MS);
  const tripMs = performance.now() - startedMs;
  const state = runId === '' ? 'idle' : `busy with run ${runId}`;
  return `✓ ${id} (${address}): version ${version} on ${hostname}, ${state}, ${tripMs.toFixed(2)} ms`;
}
