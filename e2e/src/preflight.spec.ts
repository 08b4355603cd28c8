import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseTsv } from '@sai3bench/results-dir';
import {
  DEFAULT_CREDENTIALS,
  type S3TestServer,
  startS3TestServer,
} from '@sai3bench/s3-test-server';
import { freePort } from '@sai3bench/testing';
import { BucketView } from './support/bucket.ts';
import {
  type Agent,
  agentsOption,
  runController,
  startAgent,
  startController,
} from './support/programs.ts';
import { readResult } from './support/tables.ts';
import { PROMPTLY_MS, until, untilIdle } from './support/until.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

const PUT = 'duration: 1s\nworkload: [{op: put, path: new/, object_size: 4KiB, weight: 1}]';
const GET = 'duration: 1s\nworkload: [{op: get, path: "x-*", weight: 1}]';
const READER = { ...DEFAULT_CREDENTIALS, accessKeyId: 'READER', readOnly: true };

let s3: S3TestServer;
let bucket: BucketView;
let agents: Agent[] = [];
/** Agents that have other credentials: some that nobody knows, and some that may only read. */
let stranger: Agent;
let reader: Agent;

beforeAll(async () => {
  s3 = await startS3TestServer({
    buckets: ['bucket'],
    credentials: [DEFAULT_CREDENTIALS, READER],
    requestLog: 10_000,
  });
  bucket = new BucketView(s3, 'bucket');
  agents = await Promise.all([startAgent(s3.env), startAgent(s3.env), startAgent(s3.env)]);
  stranger = await startAgent({ ...s3.env, AWS_ACCESS_KEY_ID: 'UNKNOWN' });
  reader = await startAgent({ ...s3.env, AWS_ACCESS_KEY_ID: READER.accessKeyId });
});
afterAll(async () => {
  await Promise.all([...agents, stranger, reader].map((agent) => agent.stop()));
  bucket.close();
  await s3.stop();
});

/** Runs `sai3bench-ctl preflight`; the findings are also read from their file. */
async function preflight(
  workspace: Workspace,
  yaml: string,
  of: readonly { readonly address: string }[],
  ...options: string[]
) {
  const config = workspace.workload('checked.yaml', yaml);
  const list = of.map(({ address }) => address).join(',');
  const { exitCode, output } = await runController(workspace.path, [
    ...['--agents', list, 'preflight', '--config', config, '--findings', 'found.tsv', ...options],
  ]);
  const rows = parseTsv(readResult(workspace.path, 'found.tsv'));
  return { exitCode, output, rows, lines: output.split('\n') };
}

const target = (name = 'bucket'): string => `target: s3://${s3.host}/${name}/p/\n`;
/** Everything that the server was asked to change since some request. */
const changes = (since: number): string[] =>
  s3
    .requests()
    .slice(since)
    .flatMap(({ method }) => (/PUT|DELETE|POST/.test(method) ? [method] : []));

describe('sai3bench-ctl preflight on a bucket', () => {
  it('says once what all agents find, runs nothing and leaves nothing', async () => {
    await inWorkspace(async (workspace) => {
      const { exitCode, lines, output, rows } = await preflight(workspace, target() + PUT, agents);
      expect(output).toContain('✓ 3 agents ok');
      expect(output).toContain('✓ Pre-flight validation passed (3 agents)');
      expect(exitCode).toBe(0);
      expect(lines.filter((line) => line.includes('login: credentials found in'))).toHaveLength(1);
      expect(rows.filter(({ check }) => check === 'login')).toHaveLength(3);
      expect(rows.filter(({ check }) => check === 'sharing')).toMatchObject([
        { agent_id: 'agent-2', level: 'info', message: expect.stringContaining('is shared') },
        { agent_id: 'agent-3', level: 'info' },
      ]);
      expect([...(await bucket.objects()).keys()]).toEqual([]);
      expect(workspace.results()).toEqual([]);
    });
  });

  it('names the agent whose key is wrong, and what to do, and says that the others are well', async () => {
    await inWorkspace(async (workspace) => {
      const of = [...agents, stranger];
      const { exitCode, output, rows } = await preflight(workspace, target() + PUT, of);
      expect(exitCode).toBe(3);
      expect(output).toContain('✗ 3 agents ok; agent-4: [AUTH] bucket');
      expect(output).toMatch(/\nagent-4:\n {2}✗ \[AUTH\] s3:\/\/.* bucket: .*InvalidAccessKeyId/);
      expect(output).toContain('      -> the server does not know this access key');
      expect(rows.filter(({ level }) => level === 'error')).toMatchObject([
        { agent_id: 'agent-4', class: 'AUTH', hint: expect.stringContaining('AWS_ACCESS_KEY_ID') },
      ]);
      expect(output + JSON.stringify(rows)).not.toContain(DEFAULT_CREDENTIALS.secretAccessKey);
      expect([...(await bucket.objects()).keys()]).toEqual([]);
    });
  });

  it('says once that a bucket is missing', async () => {
    await inWorkspace(async (workspace) => {
      const { exitCode, lines } = await preflight(workspace, target('nowhere') + PUT, agents);
      expect(exitCode).toBe(3);
      expect(lines).toContain('All 3 agents:');
      expect(lines.filter((line) => line.includes('NoSuchBucket'))).toHaveLength(1);
      expect(lines.at(-3)).toBe('✗ Pre-flight validation failed: 1 error, 0 warnings');
    });
  });

  it('asks an agent that only reads for no right to write, and writes nothing', async () => {
    await inWorkspace(async (workspace) => {
      const before = s3.requests().length;
      const reads = await preflight(workspace, target() + GET, [reader, ...agents]);
      expect(reads.output).toContain('✓ 4 agents ok');
      expect(reads.exitCode).toBe(0);
      expect(reads.output).toContain('the workload writes nothing, so it was not tried');
      expect(changes(before)).toEqual([]);
      const writes = await preflight(workspace, target() + PUT, [reader]);
      expect(writes.exitCode).toBe(3);
      expect(writes.output).toContain('✗ [PERM]');
    });
  });

  it('checks the others where an agent cannot be reached', async () => {
    await inWorkspace(async (workspace) => {
      const dead = { address: `127.0.0.1:${String(await freePort())}` };
      const { exitCode, output, rows } = await preflight(workspace, target() + PUT, [
        ...agents,
        dead,
      ]);
      expect(exitCode).toBe(3);
      expect(output).toContain('✗ 3 agents ok; agent-4: [NET] agent');
      expect(output).toContain(`start it with: sai3bench-agent --listen ${dead.address}`);
      expect(rows.filter(({ agent_id: id }) => id === 'agent-1')).not.toEqual([]);
    });
  });

  it('starts an agent of its own where none is named', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('own.yaml', target() + PUT);
      const { exitCode, output } = await runController(
        workspace.path,
        ['preflight', '--config', config],
        s3.env,
      );
      expect(output).toContain('✓ Pre-flight validation passed (1 agent)');
      expect(exitCode).toBe(0);
    });
  });

  it('ends with Ctrl-C in the middle, and nothing is left', async () => {
    await inWorkspace(async (workspace) => {
      // The probes are written, but nobody is told so.
      const stall = s3.faults.add({
        match: { operation: 'PutObject', key: /preflight/ },
        fault: { kind: 'latency', ms: 3_600_000 },
      });
      const config = workspace.workload('stall.yaml', target() + PUT);
      const before = s3.requests().length;
      const controller = startController(workspace.path, [
        ...agentsOption(...agents),
        ...['preflight', '--config', config],
      ]);
      await until(() => stall.struck >= 3, controller);
      const interruptedAt = Date.now();
      controller.process.kill('SIGINT');
      expect(await controller.ended).toBe(130);
      expect(Date.now() - interruptedAt).toBeLessThan(PROMPTLY_MS);
      await untilIdle(...agents);
      stall.remove();
      expect(changes(before).toSorted()).toEqual([
        ...['DELETE', 'DELETE', 'DELETE', 'PUT', 'PUT', 'PUT'],
      ]);
      expect([...(await bucket.objects()).keys()]).toEqual([]);
    });
  });
});

describe('sai3bench-ctl preflight on files', () => {
  /** Two agents with directories of their own choice. */
  const onDirectories = (
    workspace: Workspace,
    directories: readonly [string, string],
    shared: boolean,
    rest = PUT.replace(']', ', {op: list, path: new/, weight: 1}]'),
  ): string => `distributed:
  shared_filesystem: ${String(shared)}
  agents:
${directories.map((name, index) => `    - {address: "${agents[index]?.address ?? ''}", target_override: "file://${workspace.path}/${name}/"}`).join('\n')}
target: file://${workspace.path}/
${rest}
`;

  it.each([
    [['a', 'a'], true, 0, 'ℹ [CONFIG]', 'what agent-1 writes is seen: the storage is shared'],
    [['a', 'b'], true, 3, '✗ [CONFIG]', 'what agent-1 writes is not seen here'],
    [['a', 'a'], false, 0, '⚠ [CONFIG]', 'they work on the same storage'],
    [['a', 'b'], false, 0, 'ℹ [CONFIG]', 'the storage is separate'],
  ] as const)(
    'finds out whether %j is shared as the file says (%s)',
    async (directories, shared, code, level, text) => {
      await inWorkspace(async (workspace) => {
        for (const name of ['a', 'b']) mkdirSync(join(workspace.path, name));
        const yaml = onDirectories(workspace, directories, shared);
        const { exitCode, lines } = await preflight(workspace, yaml, agents.slice(0, 2));
        const line = lines.find((each) => each.includes(text));
        expect(line).toContain(level);
        expect(line).toContain('sharing:');
        expect(exitCode).toBe(code);
        for (const name of ['a', 'b']) expect(readdirSync(join(workspace.path, name))).toEqual([]);
      });
    },
  );

  it('ends with 3 for warnings too, if asked to', async () => {
    await inWorkspace(async (workspace) => {
      const yaml = onDirectories(workspace, ['a', 'a'], false);
      mkdirSync(join(workspace.path, 'a'));
      const strict = await preflight(workspace, yaml, agents.slice(0, 2), '--strict');
      expect(strict.exitCode).toBe(3);
      expect(strict.output).toContain('✓ Pre-flight validation passed (2 agents, 1 warning)');
    });
  });

  it('makes no directories, and touches nothing that is there', async () => {
    await inWorkspace(async (workspace) => {
      mkdirSync(join(workspace.path, 'a', 'new'), { recursive: true });
      writeFileSync(join(workspace.path, 'a', 'new', 'old.dat'), 'old');
      const yaml = onDirectories(workspace, ['a', 'b/c'], false);
      expect((await preflight(workspace, yaml, agents.slice(0, 2))).exitCode).toBe(0);
      expect(readdirSync(join(workspace.path, 'a'), { recursive: true }).toSorted()).toEqual([
        ...['new', 'new/old.dat'],
      ]);
      expect(existsSync(join(workspace.path, 'b'))).toBe(false);
    });
  });

  (canMount() ? it : it.skip)('finds a file system that is full, or will be', async () => {
    await inWorkspace(async (workspace) => {
      const mounted = join(workspace.path, 'small');
      mkdirSync(mounted);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,nr_inodes=64', 'tmpfs', mounted]);
      try {
        const prepare = (count: number, size: number): string =>
          `target: file://${mounted}/\nprepare: {ensure_objects: [{count: ${String(count)}, size_spec: ${String(size)}}]}\n`;
        const large = await preflight(workspace, prepare(2, 1_000_000), agents.slice(0, 1));
        expect(large.output).toContain('✗ [RESOURCE]');
        expect(large.output).toContain(
          'disk-space: 1 MiB free, but the plan writes about 1.91 MiB',
        );
        const many = await preflight(workspace, prepare(1_000, 1), agents.slice(0, 1));
        expect(many.output).toMatch(
          /inodes: \d+ inodes free, but the plan makes about 1,000 files/,
        );
        const { bavail, bsize } = statfsSync(mounted);
        writeFileSync(join(mounted, 'full'), Buffer.alloc(bavail * bsize));
        const full = await preflight(workspace, `target: file://${mounted}/\n${PUT}`, [
          ...agents.slice(0, 1),
        ]);
        expect(full.output).toMatch(/✗ \[RESOURCE\] .* write: cannot create and write .*ENOSPC/);
        expect([large, many, full].map(({ exitCode }) => exitCode)).toEqual([3, 3, 3]);
        expect(readdirSync(mounted)).toEqual(['full']);
      } finally {
        execFileSync('umount', [mounted]);
      }
    });
  });

  (canMount() ? it : it.skip)('finds a file system that is read-only', async () => {
    await inWorkspace(async (workspace) => {
      const mounted = join(workspace.path, 'fixed');
      mkdirSync(mounted);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', mounted]);
      try {
        const at = `target: file://${mounted}/\n`;
        const writes = await preflight(workspace, at + PUT, agents.slice(0, 1));
        expect(writes.exitCode).toBe(3);
        expect(writes.output).toMatch(/✗ \[PERM\] .* write: .*EROFS/);
        expect(writes.output).toContain('-> the file system is mounted read-only');
        expect((await preflight(workspace, at + GET, agents.slice(0, 1))).exitCode).toBe(0);
      } finally {
        execFileSync('umount', [mounted]);
      }
    });
  });
});

describe('the checks of a run', () => {
  it('keep it from starting, and leave all findings with its results', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('run.yaml', target('nowhere') + PUT);
      const { exitCode, output } = await runController(workspace.path, [
        ...agentsOption(...agents),
        ...['run', '--config', config],
      ]);
      expect(exitCode).toBe(3);
      expect(output).toContain('All 3 agents:');
      const [results = ''] = workspace.results();
      const errors = parseTsv(readResult(results, 'preflight.tsv')).filter(
        ({ level }) => level === 'error',
      );
      expect(errors).toMatchObject(
        agents.map((_, index) => ({
          agent_id: `agent-${String(index + 1)}`,
          ...{
            class: 'CONFIG',
            check: 'bucket',
            hint: expect.stringContaining('create the bucket'),
          },
        })),
      );
    });
  });
});

/** Whether this test may mount small file systems. */
function canMount(): boolean {
  return process.getuid?.() === 0 && process.env['SAI3BENCH_NO_MOUNTS'] === undefined;
}
