import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TOKEN_VARIABLE } from '@sai3bench/control-link';
import { BenchError } from '@sai3bench/errors';
import { Secret } from '@sai3bench/secret';

const START_TIMEOUT_MS = 20_000;
const STOP_GRACE_MS = 2_000;
const TOKEN_BYTES = 32;

/** An agent that runs on this host for one run. */
export interface LocalAgent {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** What it wants to be known: others on this host may not use it. */
  readonly token: Secret;
  stop(): Promise<void>;
}

/** What it is told. */
export interface LocalAgentOptions {
  /** Worker threads that it uses; its own choice when absent. */
  readonly workers?: number;
  /** Whether it may run the programs of custom stages. */
  readonly allowExec: boolean;
}

/**
 * Starts an agent on a free port of the loopback interface. It ends when this process does, however that happens:
 * its standard input is a pipe from here.
 *
 * @throws BenchError `LOCAL_AGENT_FAILED` when it does not start
 */
export async function startLocalAgent(
  env: NodeJS.ProcessEnv,
  { allowExec, workers }: LocalAgentOptions,
): Promise<LocalAgent> {
  const token = new Secret(randomBytes(TOKEN_BYTES).toString('hex'));
  const packageFile = import.meta.resolve('sai3bench-agent/package.json');
  const binary = fileURLToPath(new URL('bin/sai3bench-agent.js', packageFile));
  const child = spawn(
    process.execPath,
    [
      ...[binary, '--listen', '127.0.0.1:0', '--until-stdin-ends'],
      ...(workers === undefined ? [] : ['--workers', String(workers)]),
      ...(allowExec ? ['--allow-exec'] : []),
    ],
    // A process group of its own: Ctrl-C at the terminal is for the controller, which then stops the agent.
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...env, [TOKEN_VARIABLE]: token.expose() },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000);
    });
  }
  const address = await new Promise<string>((resolve, reject) => {
    const fail = (): void => {
      reject(
        new BenchError('the local agent could not be started', {
          code: 'LOCAL_AGENT_FAILED',
          class: 'internal',
          hint: 'start one yourself with sai3bench-agent, and name it with --agents 127.0.0.1:7167',
          cause: output === '' ? undefined : { message: output.trim() },
        }),
      );
    };
    const timer = setTimeout(fail, START_TIMEOUT_MS);
    child.stdout.on('data', () => {
      const bound = /listening \(.*\) on (127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (bound === undefined) return;
      clearTimeout(timer);
      resolve(bound);
    });
    child.once('error', fail);
    child.once('exit', fail);
  });
  return {
    address,
    token,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
