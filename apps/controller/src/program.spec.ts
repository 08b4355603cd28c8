import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StopSignal } from '@sai3bench/coordinator';
import { freePort, temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { Detachment } from './detachment.ts';
import type { ProcessIo } from './process-io.ts';
import { runProgram } from './program.ts';

const WORKLOAD = `
target: s3://10.9.0.21/bucket/x/
concurrency: 16
duration: 30s
prepare:
  ensure_objects: [{base_uri: data/, count: 64000, size_spec: {type: lognormal, mean: 8MiB, std_dev: 1MiB, min: 1MiB, max: 16MiB}}]
workload:
  - {op: get, path: "data/*", weight: 75}
  - {op: put, path: "", object_size: 4KiB, weight: 25}
multi_endpoint: {endpoints: ["s3://10.9.0.21/bucket/x/", "s3://10.9.0.25/bucket/x/"]}
`;

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = temporaryDirectory();
  writeFileSync(join(directory.path, 'w.yaml'), WORKLOAD);
});
afterEach(() => {
  directory.remove();
});

/** Runs a whole command in this process, where no terminal is. */
async function run(...argv: string[]) {
  return runWith({}, ...argv);
}

async function runWith(io: Partial<ProcessIo>, ...argv: string[]) {
  let output = '';
  let errors = '';
  const exitCode = await runProgram(argv, {
    sink: { write: (text) => (output += text), isTTY: false, columns: 80 },
    writeError: (text) => (errors += text),
    cwd: directory.path,
    env: { ...process.env, XDG_CONFIG_HOME: directory.path, SAI3BENCH_TOKEN: '' },
    commandLine: ['sai3bench-ctl', ...argv],
    readFile: (path) => readFileSync(path, 'utf8'),
    ask: undefined,
    stop: new StopSignal(),
    detachment: new Detachment(),
    ...io,
  });
  return { exitCode, output, errors };
}

describe('sai3bench-ctl', () => {
  it('explains itself', async () => {
    const { exitCode, output } = await run('--help');
    expect(exitCode).toBe(0);
    for (const word of ['run', 'ping', '--agents', '--insecure', 'Exit codes']) {
      expect(output).toContain(word);
    }
  });

  it('shows with each command the options of all, and which it needs', async () => {
    const { output } = await run('run', '--help');
    for (const word of ['run --config <file> [options]', 'required', '--agents', '--token-file']) {
      expect(output).toContain(word);
    }
    expect((await run('attach', '--help')).output).toContain('--agent-fingerprint');
  });

  it('shows defaults of values, and of switches none', async () => {
    for (const command of ['run', 'cleanup', 'preflight', 'attach']) {
      expect((await run(command, '--help')).output).not.toContain('false');
    }
    expect((await run('run', '--help')).output).toMatch(/--results-dir <directory>.*default: "\."/);
    expect((await run('--help')).output).not.toContain('false');
  });

  it.each([
    [['run'], "required option '--config <file>' not specified"],
    [['rn'], 'Did you mean run?'],
    [['run', '--config', 'w.yaml', '--agent', 'x'], 'Did you mean --agents?'],
    [['run', '--config', 'w.yaml', '--start-delay', 'soon'], 'It must be a number of seconds'],
    [['run', '--config', 'w.yaml', '--workers', 'all'], 'must be a whole number from 1 to 256'],
    [
      ['--agents', '127.0.0.1', 'run', '--config', 'w.yaml', '--workers', '2'],
      'give --workers to each sai3bench-agent',
    ],
    [
      ['--agents', '127.0.0.1', 'run', '--config', 'w.yaml', '--allow-exec'],
      'give --allow-exec to each sai3bench-agent',
    ],
    [['run', '--config', 'missing.yaml'], 'cannot read the workload file missing.yaml'],
    [['--agents', '10.0.0.1', 'run', '--config', 'w.yaml'], 'there is no token'],
    [['--agents', '10.0.0.1', 'run', '--config', 'w.yaml'], 'make one: (umask 077; mkdir -p '],
    [['--agents', '10.0.0.1', 'run', '--config', 'w.yaml'], 'add --insecure on both sides'],
    [['--agents', '10.0.0.1', 'ping'], 'there is no token'],
    [['--insecure', '--tls', '--agents', 'a', 'ping'], 'leave --insecure away'],
    [['--tls-cert', 'cert.pem', '--agents', 'a', 'ping'], 'one is missing'],
    [['--tls-ca', 'none.pem', '--agents', 'a', 'ping'], 'cannot use none.pem'],
    [['--token-file', 'none', '--agents', 'a', 'ping'], 'there is no token file none'],
    [['--agent-fingerprint', 'ab:cd', '--agents', 'a', 'ping'], 'is not the SHA-256 fingerprint'],
    [['--agents', 'a,a', '--insecure', 'run', '--config', 'w.yaml'], 'agent a:7167 is named twice'],
    [['--agents', '@none', 'run', '--config', 'w.yaml'], 'cannot read the list of agents none'],
  ])('refuses %j with exit code 2 and says why', async (argv, why) => {
    const { errors, exitCode } = await run(...argv);
    expect(errors).toContain(why);
    expect(errors).toContain('\n  -> ');
    expect(errors).not.toMatch(/^ +at /m);
    expect(exitCode).toBe(2);
  });

  it('lists the mistakes of a workload file with their places', async () => {
    writeFileSync(join(directory.path, 'bad.yaml'), 'concurency: 4\nio_rate: {iops: 5}\n');
    const { errors, exitCode } = await run('run', '--config', 'bad.yaml');
    expect(exitCode).toBe(2);
    expect(errors).toContain('bad.yaml:1:1: unknown key "concurency": did you mean "concurrency"?');
    expect(errors).toContain('bad.yaml:2:1: "io_rate" is not supported yet');
  });

  it('refuses a place for results that cannot be written', async () => {
    writeFileSync(join(directory.path, 'file'), '');
    const { errors, exitCode } = await run('run', '--config', 'w.yaml', '--results-dir', 'file');
    expect(exitCode).toBe(2);
    expect(errors).toContain('cannot make a results directory');
    expect(errors).toContain('--results-dir');
  });

  it('shows in a dry run how the workload was understood, and touches nothing', async () => {
    const { exitCode, output } = await run(
      ...['--insecure', '--agents', 'node[1-2]', 'run', '--config', 'w.yaml'],
      ...['--start-delay', '3', '--dry-run'],
    );
    expect(exitCode).toBe(0);
    expect(output).toBe(`=== Distributed Workload ===
Config: w.yaml
Agents: 2 (from --agents)
Start delay: 3s
Storage mode: shared (all agents see the same objects)

=== Configuration Check ===
✓ The workload file is valid
  s3://10.9.0.21/bucket/x/ = S3 at http://10.9.0.21, bucket "bucket", prefix "x/"
  s3://10.9.0.25/bucket/x/ = S3 at http://10.9.0.25, bucket "bucket", prefix "x/"
  Stages: preflight (validation) -> prepare (prepare) -> execute (execute, 30s) (derived: the file has none)
  Operations: get data/* 75.0%, put (target) 25.0%
  Prepare: 64,000 objects, about 500 GiB

=== Concurrency ===
  agent-1: 16 threads (concurrency), 2 endpoints -> 8.0 threads/endpoint
  agent-2: 16 threads (concurrency), 2 endpoints -> 8.0 threads/endpoint
  TOTAL: 32 threads across 2 agents

Dry run: nothing was contacted and nothing was written
`);
  });

  it('says which agents do not answer to a ping', async () => {
    const port = String(await freePort());
    const { exitCode, output } = await run('--agents', `127.0.0.1:${port}`, 'ping');
    expect(exitCode).toBe(3);
    expect(output).toContain(`✗ cannot reach agent-1 at 127.0.0.1:${port}`);
    expect(output).toContain(`start it with: sai3bench-agent --listen 127.0.0.1:${port}`);
  });

  it('does not tell to start an agent on a host whose name is unknown', async () => {
    const { exitCode, output } = await run('--insecure', '--agents', 'host.invalid:7167', 'ping');
    expect(exitCode).toBe(3);
    expect(output).toContain('✗ cannot reach agent-1 at host.invalid:7167');
    expect(output).toContain('-> this host does not know the name');
  });

  it('takes the start delay of the file when the command line has none', async () => {
    mkdirSync(join(directory.path, 'sub'));
    writeFileSync(
      join(directory.path, 'sub/delay.yaml'),
      `${WORKLOAD}\ndistributed: {start_delay: 7s}`,
    );
    const { output } = await run('run', '--config', 'sub/delay.yaml', '--dry-run');
    expect(output).toContain('Start delay: 7s');
  });
});

describe('sai3bench-ctl cleanup', () => {
  it('deletes nothing without a question where there is no terminal to ask at', async () => {
    const { errors, exitCode } = await run('cleanup', '--config', 'w.yaml');
    expect(exitCode).toBe(2);
    expect(errors).toContain('there is no terminal to ask at');
    expect(errors).toContain('add --yes');
  });

  it('asks where it is to delete, and takes nothing but yes for it', async () => {
    const questions: string[] = [];
    const ask = (question: string): Promise<string> => {
      questions.push(question);
      return Promise.resolve('no');
    };
    const { exitCode, output } = await runWith({ ask }, 'cleanup', '--config', 'w.yaml');
    expect(questions).toEqual([
      'Delete all objects that earlier runs of w.yaml have made at s3://10.9.0.21/bucket/x/, s3://10.9.0.25/bucket/x/? [y/N] ',
    ]);
    expect(output).toBe('Nothing was deleted\n');
    expect(exitCode).toBe(0);
    expect(readdirSync(directory.path)).toEqual(['w.yaml']);
  });

  it('does not ask about a file that is wrong', async () => {
    writeFileSync(join(directory.path, 'bad.yaml'), 'concurency: 4\n');
    const ask = (): Promise<string> => Promise.reject(new Error('was asked'));
    const { errors, exitCode } = await runWith({ ask }, 'cleanup', '--config', 'bad.yaml');
    expect(exitCode).toBe(2);
    expect(errors).toContain('unknown key "concurency"');
  });

  it('ends as interrupted when that is the answer', async () => {
    const stop = new StopSignal();
    const ask = (): Promise<string> => {
      stop.request('interrupted');
      return Promise.resolve('');
    };
    const { exitCode, output } = await runWith({ ask, stop }, 'cleanup', '--config', 'w.yaml');
    expect(exitCode).toBe(130);
    expect(output).toBe('Nothing was deleted\n');
  });

  it('says in a dry run of how many objects', async () => {
    const { exitCode, output } = await run('cleanup', '--config', 'w.yaml', '--dry-run');
    expect(exitCode).toBe(0);
    expect(output).toContain('  Cleanup: what earlier runs have made of 64,000 prepared objects\n');
  });
});
