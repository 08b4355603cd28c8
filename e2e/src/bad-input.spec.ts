import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, type S3Server, startS3rver } from '@sai3bench/testing';
import { runController, startAgent } from './support/programs.ts';
import { inWorkspace } from './support/workspace.ts';

const PUT = 'workload: [{op: put, path: new/, object_size: 4KiB, weight: 1}]';

let s3: S3Server;

beforeAll(async () => {
  s3 = await startS3rver(['bucket']);
});
afterAll(async () => {
  await s3.stop();
});

/** Runs a workload that must be refused, and checks that the message is one a person can use. */
async function expectRefusal(
  yaml: string,
  code: number,
  message: string | RegExp,
  hint: string,
  options: { args?: string[]; runArgs?: string[]; env?: Record<string, string> } = {},
): Promise<void> {
  await inWorkspace(async (workspace) => {
    const config = workspace.workload('w.yaml', yaml);
    const { args = [], env = {}, runArgs = [] } = options;
    const { exitCode, output } = await runController(
      workspace.path,
      [...args, 'run', '--config', config, '--start-delay', '0', ...runArgs],
      env,
    );
    expect(output).toMatch(message);
    expect(output).toContain(hint);
    expect(output).not.toMatch(/^\s+at .*:\d+/m);
    expect(output).not.toMatch(/hunter2|S3RVERSECRET/);
    expect(exitCode).toBe(code);
  });
}

const s3Workload = (address: string): string => `target: s3://${address}/\nduration: 1s\n${PUT}`;

describe('one clear message, the right exit code and no stack trace for', () => {
  it('YAML that is not YAML', () =>
    expectRefusal('target: [', 2, /w\.yaml:1:\d+: not valid YAML/, 'docs/configuration.md'));

  it('an unknown key', () =>
    expectRefusal(
      `target: "null:"\nconcurency: 4\n${PUT}`,
      2,
      'w.yaml:2:1: unknown key "concurency": did you mean "concurrency"?',
      'docs/configuration.md',
    ));

  it('an agent that cannot be reached', async () => {
    const address = `127.0.0.1:${String(await freePort())}`;
    await expectRefusal(
      `target: "null:"\n${PUT}`,
      3,
      `cannot reach agent-1 at ${address}: connect ECONNREFUSED`,
      `start it with: sai3bench-agent --listen ${address}`,
      { args: ['--agents', address] },
    );
  });

  it('something else that listens where an agent should', () =>
    expectRefusal(
      `target: "null:"\n${PUT}`,
      3,
      `cannot reach agent-1 at ${s3.host}`,
      'check the address',
      { args: ['--agents', s3.host] },
    ));

  it('an S3 server that cannot be reached', async () =>
    expectRefusal(
      s3Workload(`127.0.0.1:${String(await freePort())}/bucket`),
      3,
      /✗ \[NET\] .*ECONNREFUSED/,
      'check the address, and that the server is running',
      { env: { ...s3.env } },
    ));

  it('an access key that the server does not know', () =>
    expectRefusal(
      s3Workload(`${s3.host}/bucket`),
      3,
      /✗ \[AUTH\] .*InvalidAccessKeyId/,
      'set AWS_ACCESS_KEY_ID',
      { env: { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'hunter2' } },
    ));

  it('credentials that are missing', () =>
    expectRefusal(
      s3Workload(`${s3.host}/bucket`),
      3,
      /✗ \[AUTH\] .*[Cc]redentials/,
      'set AWS_ACCESS_KEY_ID',
      {
        env: {
          AWS_ACCESS_KEY_ID: '',
          AWS_SECRET_ACCESS_KEY: '',
          AWS_EC2_METADATA_DISABLED: 'true',
          HOME: '/nonexistent',
        },
      },
    ));

  it('a bucket that is missing', () =>
    expectRefusal(
      s3Workload(`${s3.host}/nobucket`),
      3,
      /✗ \[CONFIG\] .*NoSuchBucket/,
      'create the bucket',
      { env: { ...s3.env } },
    ));

  it('a file in place of a target directory', () =>
    expectRefusal(
      `target: file:///dev/null/x/\n${PUT}`,
      3,
      /✗ \[CONFIG\] .*\/dev\/null is not a directory/,
      'give the address of a directory',
    ));

  it('a results directory that cannot be written', async () => {
    await inWorkspace(async (workspace) => {
      writeFileSync(join(workspace.path, 'file'), '');
      const config = workspace.workload('w.yaml', `target: "null:"\n${PUT}`);
      const { exitCode, output } = await runController(workspace.path, [
        ...['run', '--config', config, '--results-dir', 'file'],
      ]);
      expect(exitCode).toBe(2);
      expect(output).toContain('cannot make a results directory');
    });
  });

  it('nothing to read', () =>
    expectRefusal(
      `target: s3://${s3.host}/bucket/\nduration: 1s\nworkload: [{op: get, path: "none-*", weight: 1}]`,
      1,
      /no object matches s3:.*none-\*/,
      'add prepare.ensure_objects',
      { env: { ...s3.env } },
    ));

  it('an agent on a port that is taken', async () => {
    const first = await startAgent();
    const second = startAgent({}, '--listen', first.address);
    await expect(second).rejects.toThrow(/port \d+ on 127\.0\.0\.1 is taken/);
    await first.stop();
  });

  it('a target that may not be read', async () => {
    if (process.getuid?.() === 0) return;
    await inWorkspace(async (workspace) => {
      mkdirSync(join(workspace.path, 'data'));
      chmodSync(join(workspace.path, 'data'), 0o000);
      const config = workspace.workload('w.yaml', `target: file://${workspace.path}/data/\n${PUT}`);
      const { exitCode } = await runController(workspace.path, ['run', '--config', config]);
      expect(exitCode).toBe(3);
    });
  });
});
