import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { afterEach } from '@jest/globals';
import { type Client, createClient } from '@connectrpc/connect';
import { createConnectTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { AgentService } from '@sai3bench/barrier-protocol';
import type { ExitCode } from '@sai3bench/errors';
import { temporaryDirectory } from '@sai3bench/testing';
import { runProgram } from '../program.ts';

interface Stop {
  readonly reason: string;
  readonly exitCode: ExitCode;
}

const cleanups: (() => Promise<void>)[] = [];

/** Call it once, where a file of tests begins: agents and connections end with the test that started them. */
export function endAgentsAfterEach(): void {
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });
}

/** An agent that runs in the process of the test. */
export interface StartedAgent {
  readonly address: string;
  readonly ended: Promise<ExitCode>;
  readonly output: () => string;
  readonly errors: () => string;
  readonly stop: () => Promise<ExitCode>;
  /** What runs have in the directory for temporary files. */
  readonly runFiles: () => string[];
  readonly temporary: string;
}

/** A way to an agent. */
export interface Connection {
  readonly client: Client<typeof AgentService>;
  readonly close: () => void;
}

/** Runs the agent's program in this process, until the test asks it to stop. */
export async function startAgent(...args: string[]): Promise<StartedAgent> {
  const directory = temporaryDirectory();
  cleanups.push(async () => {
    directory.remove();
  });
  return startAgentIn(directory.path, ...args);
}

/** The same, with a directory for its temporary files. */
export async function startAgentIn(temporary: string, ...args: string[]): Promise<StartedAgent> {
  let output = '';
  let errors = '';
  let stop: (stop: Stop) => void = () => undefined;
  let listening: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (listening = resolve));
  const ended = runProgram(args, {
    sink: {
      write: (text) => {
        output += text;
        if (output.includes('listening')) listening();
      },
      isTTY: false,
      columns: 80,
    },
    writeError: (text) => (errors += text),
    env: { XDG_CONFIG_HOME: join(temporary, 'config') },
    temporaryDirectory: temporary,
    stopRequested: new Promise((resolve) => (stop = resolve)),
  });
  await Promise.race([ready, ended]);
  const address = /on (127\.0\.0\.1:\d+)/.exec(output)?.[1] ?? '';
  const stopAgent = async (): Promise<ExitCode> => {
    stop({ reason: 'the test is over', exitCode: 143 });
    return ended;
  };
  cleanups.push(async () => {
    await stopAgent();
  });
  return {
    address,
    ended,
    output: () => output,
    errors: () => errors,
    stop: stopAgent,
    runFiles: () => readdirSync(temporary),
    temporary,
  };
}

/** A controller of few words. */
export function connectTo(address: string): Connection {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const client = createClient(
    AgentService,
    createConnectTransport({ baseUrl, httpVersion: '2', sessionManager }),
  );
  const close = (): void => {
    sessionManager.abort();
  };
  cleanups.push(async () => {
    close();
  });
  return { client, close };
}
