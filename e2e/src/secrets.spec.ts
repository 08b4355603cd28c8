import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { ioProcesses, runController, startAgent, startController } from './support/programs.ts';
import { until, untilIdle } from './support/until.ts';
import { inWorkspace } from './support/workspace.ts';

const TOKEN = 'b1946ac92492d2347c6235b4d2611184';
const SECRET_KEY = 'e59ff97941044f85df5297e1c302d260';
const SESSION_TOKEN = '8fa14cdd754f91cc6554c9e71929cce7';
/** What nobody has told the agent or the controller; only the words around it say that it is one. */
const SAID = 'bad key password=hunter3zzz7f2c';
const SECRETS = [TOKEN, SECRET_KEY, SESSION_TOKEN, 'hunter3zzz7f2c'];

let directory: TemporaryDirectory;
let server: S3TestServer;

beforeEach(async () => {
  directory = temporaryDirectory();
  server = await startS3TestServer({
    buckets: ['bucket'],
    credentials: [
      { accessKeyId: 'FORWARDED', secretAccessKey: SECRET_KEY, sessionToken: SESSION_TOKEN },
    ],
  });
});
afterEach(async () => {
  await server.stop();
  directory.remove();
});

const place = (name: string): string => {
  const path = join(directory.path, name);
  mkdirSync(path, { recursive: true });
  return path;
};

/** A host whose user has the token. */
function host(name: string): Record<string, string> {
  const config = place(`${name}/config/sai3bench`);
  writeFileSync(join(config, 'token'), TOKEN, { mode: 0o600 });
  return {
    XDG_CONFIG_HOME: place(`${name}/config`),
    TMPDIR: place(`${name}/tmp`),
    SAI3BENCH_CACHE_DIR: place(`${name}/cache`),
    // Where there is no such service, asking it takes its time.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

const workload = (address: string): string => `
target: s3://${new URL(server.url).host}/bucket/x/
duration: 1s
concurrency: 2
prepare: {ensure_objects: [{base_uri: data/, count: 20, size_spec: 1KiB}]}
workload: [{op: get, path: "data/*", weight: 1}]
distributed: {agents: [{address: "${address}"}]}
# password: ${SECRET_KEY}
`;

/** Everything below a directory, names and contents, but for the files that are there to hold a secret. */
function allOf(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !['token', 'w.yaml', 'keys.env'].includes(entry.name))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return `${file}\n${readFileSync(file, 'latin1')}`;
    })
    .join('\n');
}

/** The command lines of all processes of this host. */
function commandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((id) => readProcess(id, 'cmdline'))
    .join('\n');
}

function readProcess(id: string, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'latin1');
  } catch {
    return ''; // It has ended in the meantime.
  }
}

function expectNoSecret(text: string): void {
  const lines = text.split('\n').filter((line) => SECRETS.some((secret) => line.includes(secret)));
  expect(lines).toEqual([]);
}

/**
 * Expects that secrets which only an agent has leave it nowhere, though the server repeats them in its errors.
 *
 * @param env where the agent has them from
 * @param masked what is told of the error
 */
async function expectToldMasked(
  env: Readonly<Record<string, string>>,
  masked: string,
): Promise<void> {
  const agent = await startAgent({ ...host('agent'), ...env }, '-v', '--tls');
  try {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('w.yaml', workload(agent.address));
      const { exitCode, output } = await runController(
        workspace.path,
        ['--tls', '-v', 'run', '--config', config],
        host('controller'),
      );
      expect(exitCode).not.toBe(0);
      expect(output).toContain(masked);
      expectNoSecret(`${output}\n${agent.output()}`);
      expectNoSecret(allOf(workspace.path));
      expectNoSecret(allOf(directory.path));
    });
  } finally {
    await agent.stop();
  }
}

const linux = existsSync('/proc/self/cmdline') ? describe : describe.skip;

linux('secrets of a run with forwarded credentials', () => {
  it('are in nothing that it leaves, and in no process but the one that needs them', async () => {
    const agent = await startAgent(host('agent'), '-v', '--tls');
    const keys = join(place('controller'), 'keys.env');
    writeFileSync(
      keys,
      `AWS_ACCESS_KEY_ID=FORWARDED\nAWS_SECRET_ACCESS_KEY=${SECRET_KEY}\nAWS_SESSION_TOKEN=${SESSION_TOKEN}\n`,
      { mode: 0o600 },
    );
    try {
      await inWorkspace(async (workspace) => {
        const config = workspace.workload('w.yaml', workload(agent.address));
        const args = ['--tls', '-v', 'run', '--config', config];
        const controller = startController(
          workspace.path,
          [...args, '--forward-credentials', '--env-file', keys],
          host('controller'),
        );
        // Of the checks or of the run, whichever is seen.
        let environment = '';
        await until(() => {
          const [io = 0] = ioProcesses(agent);
          environment = readProcess(String(io), 'environ');
          return environment.includes(SECRET_KEY);
        }, controller);
        expect(environment).not.toContain(TOKEN);
        expectNoSecret(readProcess(String(agent.process.pid), 'environ'));
        expectNoSecret(commandLines());
        expect(await controller.ended).toBe(0);
        await untilIdle(agent);
        expect(controller.output()).toContain('AWS_SECRET_ACCESS_KEY');
        expectNoSecret(`${controller.output()}\n${agent.output()}`);
        expectNoSecret(allOf(workspace.path));
        expectNoSecret(allOf(directory.path));
        const [results = ''] = workspace.results();
        expect(readFileSync(join(results, 'config.yaml'), 'utf8')).toContain('# password: ***');
        expect(readFileSync(join(results, 'console.log'), 'utf8')).toContain(
          'login: credentials found in AWS_ACCESS_KEY_ID',
        );
      });
    } finally {
      await agent.stop();
    }
  });

  it('are not shown or kept when a server repeats them', async () => {
    server.faults.add({
      match: { operation: ['GetObject', 'PutObject'] },
      fault: {
        kind: 'error',
        code: 'AccessDenied',
        message: `no access for ${SECRET_KEY} and ${SESSION_TOKEN}`,
      },
    });
    const agent = await startAgent(host('agent'), '-v', '--tls');
    const env = {
      ...host('controller'),
      AWS_ACCESS_KEY_ID: 'FORWARDED',
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_SESSION_TOKEN: SESSION_TOKEN,
    };
    try {
      await inWorkspace(async (workspace) => {
        const config = workspace.workload('w.yaml', workload(agent.address));
        const { exitCode, output } = await runController(
          workspace.path,
          ['--tls', '-v', 'run', '--config', config, '--forward-credentials'],
          env,
        );
        expect(exitCode).not.toBe(0);
        expect(output).toContain('no access for *** and ***');
        expectNoSecret(`${output}\n${agent.output()}`);
        expectNoSecret(allOf(workspace.path));
        expectNoSecret(allOf(directory.path));
      });
    } finally {
      await agent.stop();
    }
  });

  it.each([
    ['the checks', /preflight/],
    ['a stage', /^(?!.*preflight)/],
  ])('of the agent itself do not leave it when a server repeats them in %s', async (_, key) => {
    server.faults.add({
      match: { operation: 'PutObject', key },
      fault: { kind: 'error', code: 'AccessDenied', message: `no access for ${SECRET_KEY}` },
    });
    const credentials = {
      AWS_ACCESS_KEY_ID: 'FORWARDED',
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_SESSION_TOKEN: SESSION_TOKEN,
    };
    await expectToldMasked(credentials, 'no access for ***');
  });

  it.each([
    ['the checks', /preflight/],
    ['a stage', /^(?!.*preflight)/],
  ])('of a profile do not leave the agent when a server repeats them in %s', async (_, key) => {
    const said = `no access for ${SECRET_KEY} and ${SESSION_TOKEN}`;
    server.faults.add({
      match: { operation: 'PutObject', key },
      fault: { kind: 'error', code: 'AccessDenied', message: said },
    });
    const file = join(place('agent/aws'), 'keys.env');
    writeFileSync(
      file,
      `[bench]\naws_access_key_id=FORWARDED\naws_secret_access_key=${SECRET_KEY}\naws_session_token=${SESSION_TOKEN}\n`,
      { mode: 0o600 },
    );
    const profile = { AWS_PROFILE: 'bench', AWS_SHARED_CREDENTIALS_FILE: file };
    await expectToldMasked(profile, 'no access for *** and ***');
  });

  it.each([
    ['server', 'prepare: {ensure_objects: [{base_uri: data/, count: 20, size_spec: 1KiB}]}'],
    [
      'program',
      `distributed: {stages: [{name: own, type: custom, command: sh, args: ["-c", ${JSON.stringify(`echo '${SAID}' >&2; exit 3`)}]}]}`,
    ],
  ])('are in no file of the results when a %s says what looks like one', async (_, stages) => {
    server.faults.add({
      match: { operation: 'PutObject', key: /^(?!.*preflight)/, skip: 4 },
      fault: { kind: 'error', code: 'AccessDenied', message: SAID },
    });
    const credentials = {
      AWS_ACCESS_KEY_ID: 'FORWARDED',
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_SESSION_TOKEN: SESSION_TOKEN,
    };
    const agent = await startAgent({ ...host('agent'), ...credentials }, '-v', '--allow-exec');
    try {
      await inWorkspace(async (workspace) => {
        const target = `s3://${new URL(server.url).host}/bucket/x/`;
        const own = `target: ${target}\nduration: 1s\n${stages}\nworkload: [{op: put, path: new/, object_size: 1KiB, weight: 1}]\n`;
        const config = workspace.workload('w.yaml', own);
        const { exitCode } = await runController(
          workspace.path,
          ['--agents', agent.address, '-v', 'run', '--config', config],
          host('controller'),
        );
        expect(exitCode).not.toBe(0);
        const [results = ''] = workspace.results();
        const kept = allOf(results);
        expectNoSecret(kept);
        const stage = readdirSync(results).find((name) => /_(own|prepare)_/.test(name)) ?? '';
        for (const name of ['metadata.json', 'STATUS.txt', stage]) {
          expect(readFileSync(join(results, name), 'utf8')).toContain('password=***');
        }
      });
    } finally {
      await agent.stop();
    }
  });

  it('are not there for the next run, which was given none', async () => {
    const agent = await startAgent(host('agent'), '-v', '--tls');
    const credentials = { AWS_ACCESS_KEY_ID: 'FORWARDED', AWS_SECRET_ACCESS_KEY: SECRET_KEY };
    const env = { ...host('controller'), ...credentials, AWS_SESSION_TOKEN: SESSION_TOKEN };
    try {
      await inWorkspace(async (workspace) => {
        const config = workspace.workload('w.yaml', workload(agent.address));
        const run = ['--tls', 'run', '--config', config, '--start-delay', '0'];
        const first = await runController(workspace.path, [...run, '--forward-credentials'], env);
        expect(first.exitCode).toBe(0);
        const second = await runController(workspace.path, run, env);
        expect(second.exitCode).toBe(3);
        expect(second.output).toMatch(/credentials/i);
      });
    } finally {
      await agent.stop();
    }
  });

  it('are refused for agents on the way to which others can read', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('w.yaml', workload('192.0.2.77:7167'));
      const { exitCode, output } = await runController(
        workspace.path,
        ['--insecure', 'run', '--config', config, '--forward-credentials'],
        { ...host('controller'), AWS_SECRET_ACCESS_KEY: SECRET_KEY },
      );
      expect(exitCode).toBe(2);
      expect(output).toContain('credentials are not forwarded to agent agent-1');
      expectNoSecret(output);
    });
  });
});
