import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import {
  freePort,
  type S3Server,
  startS3rver,
  temporaryDirectory,
  type TemporaryDirectory,
} from '@sai3bench/testing';
import { layOutThreads } from '../host/thread-layout.ts';
import { planOf } from '../testing/run-plan.ts';
import { checkPlan } from './check-plan.ts';
import type { Finding } from './finding.ts';

const PUT = 'workload: [{op: put, path: n/, object_size: 1, weight: 1}]';
const GET = 'workload: [{op: get, path: "x-*", weight: 1}]';

async function findingsOf(yaml: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const plan = planOf(yaml);
  await checkPlan(
    plan,
    layOutThreads(plan, { workers: 2, reason: 'test' }),
    (finding) => findings.push(finding),
    () => undefined,
  );
  return findings;
}

const errorsOf = async (yaml: string): Promise<Finding[]> =>
  (await findingsOf(yaml)).filter(({ level }) => level === 'error');

describe('checks of files', () => {
  let directory: TemporaryDirectory;
  const isRoot = process.getuid?.() === 0;

  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => {
    directory.remove();
  });

  it('pass for a directory that can be written, and leave nothing in it', async () => {
    expect(await errorsOf(`target: file://${directory.path}/\n${PUT}`)).toEqual([]);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('try O_DIRECT where it is asked for, and leave nothing', async () => {
    const findings = await findingsOf(`target: direct://${directory.path}/\n${PUT}`);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(findings.map(({ check }) => check)).toContain('o-direct');
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('refuse direct:// where the file system does not know O_DIRECT', async () => {
    symlinkSync('/proc/sys/kernel/random', join(directory.path, 'data'));
    expect(await errorsOf(`target: direct://${directory.path}/data/\n${GET}`)).toMatchObject([
      {
        check: 'o-direct',
        class: 'CONFIG',
        message: expect.stringContaining('refuses O_DIRECT'),
        hint: expect.stringContaining('use a file:// address'),
      },
    ]);
  });

  it('do not get in the way of the checks of other agents on the same storage', async () => {
    const yaml = `target: file://${directory.path}/\n${PUT}`;
    const errors = await Promise.all(Array.from({ length: 20 }, () => errorsOf(yaml)));
    expect(errors.flat()).toEqual([]);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('pass for a directory that will be made', async () => {
    const findings = await findingsOf(`target: file://${directory.path}/a/b/\n${PUT}`);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(findings.map(({ message }) => message).join()).toContain('does not exist yet');
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('ask nothing of a run that only reads but to read', async () => {
    mkdirSync(join(directory.path, 'data'));
    chmodSync(join(directory.path, 'data'), 0o555);
    const findings = await findingsOf(`target: file://${directory.path}/data/\n${GET}`);
    expect(findings.map(({ check }) => check)).not.toContain('write');
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([
    ['/etc/x/', 'lies in a directory of the system'],
    ['/proc/', 'lies in a directory of the system'],
    ['/', 'lies in a directory of the system'],
    ['/dev/null/x/', '/dev/null is not a directory'],
  ])('refuse %s', async (path, why) => {
    expect(await errorsOf(`target: file://${path}\n${PUT}`)).toMatchObject([
      { class: 'CONFIG', message: expect.stringContaining(why) },
    ]);
  });

  it('compare whole parts of a path: /etcetera is not /etc', async () => {
    const errors = await errorsOf(`target: file:///etcetera-missing/\n${GET}`);
    expect(errors.map(({ check }) => check)).toEqual(['stat']);
  });

  it('refuse a file where a directory should be', async () => {
    writeFileSync(join(directory.path, 'file'), '');
    expect(await errorsOf(`target: file://${directory.path}/file\n${PUT}`)).toMatchObject([
      { check: 'stat' },
    ]);
  });

  it('refuse a directory that is missing when nothing writes', async () => {
    expect(await errorsOf(`target: file://${directory.path}/missing/\n${GET}`)).toMatchObject([
      { check: 'stat', message: expect.stringContaining('does not exist') },
    ]);
  });

  it('refuse more data than there is room for', async () => {
    const prepare = 'prepare: {ensure_objects: [{count: 1_000_000, size_spec: 1TiB}]}';
    expect(await errorsOf(`target: file://${directory.path}/\n${prepare}`)).toMatchObject([
      { check: 'disk-space', class: 'RESOURCE' },
    ]);
  });

  (isRoot ? it.skip : it)('refuse a directory that cannot be written', async () => {
    mkdirSync(join(directory.path, 'data'));
    chmodSync(join(directory.path, 'data'), 0o555);
    expect(await errorsOf(`target: file://${directory.path}/data/\n${PUT}`)).toMatchObject([
      { check: 'write', class: 'PERM' },
    ]);
  });

  it('refuse more operations in flight than files may be open', async () => {
    expect(
      await errorsOf(`target: file://${directory.path}/\nconcurrency: 65000\n${PUT}`),
    ).toMatchObject([{ check: 'limits', class: 'RESOURCE' }]);
  });
});

describe('checks of S3', () => {
  let s3: S3Server;

  beforeAll(async () => {
    s3 = await startS3rver(['bucket']);
  });
  beforeEach(() => {
    Object.assign(process.env, s3.env);
  });
  afterAll(async () => {
    await s3.stop();
  });

  it('pass for a bucket that can be written, and say how the address was understood', async () => {
    const findings = await findingsOf(`target: s3://${s3.host}/bucket/p/\n${PUT}`);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(findings[0]?.message).toBe(
      `S3 at http://${s3.host} (from the address), region us-east-1, bucket "bucket", prefix "p/", path-style`,
    );
  });

  it('say how the address is understood with the keys of s3', async () => {
    const keys = 's3: {region: eu-west-9, addressing: virtual-host}';
    const findings = await findingsOf(`target: s3://${s3.host}/bucket/\n${PUT}\n${keys}`);
    expect(findings[0]?.message).toBe(
      `S3 at http://${s3.host} (from the address), region eu-west-9, bucket "bucket", virtual-host style`,
    );
  });

  it('refuse a variable that has no URL, and files that cannot be read', async () => {
    process.env['AWS_ENDPOINT_URL_S3'] = '10.0.0.1:9000';
    expect(await errorsOf(`target: s3://bucket/\n${PUT}`)).toMatchObject([
      { check: 'address', class: 'CONFIG', hint: expect.stringContaining('http://10.0.0.1:9000') },
    ]);
    delete process.env['AWS_ENDPOINT_URL_S3'];
    const keys = 's3: {tls: {ca: /no/such/ca.pem}}';
    expect(await errorsOf(`target: s3://${s3.host}/bucket/\n${PUT}\n${keys}`)).toMatchObject([
      { check: 'address', class: 'CONFIG', message: expect.stringContaining('/no/such/ca.pem') },
    ]);
  });

  it('say when the bucket is in another region, which is then used', async () => {
    const elsewhere = await startS3TestServer({ buckets: ['bucket'], region: 'ap-south-1' });
    Object.assign(process.env, elsewhere.env, { AWS_REGION: 'us-east-1' });
    try {
      const findings = await findingsOf(`target: s3://${elsewhere.host}/bucket/\n${PUT}`);
      expect(findings.filter(({ level }) => level !== 'info')).toMatchObject([
        { level: 'warning', check: 'region', message: expect.stringContaining('ap-south-1') },
      ]);
    } finally {
      await elsewhere.stop();
    }
  });

  it('find a bucket that is missing', async () => {
    expect(await errorsOf(`target: s3://${s3.host}/nobucket/\n${PUT}`)).toMatchObject([
      { check: 'bucket', class: 'CONFIG', hint: expect.stringContaining('create the bucket') },
    ]);
  });

  it('find an access key that the server does not know', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'UNKNOWN';
    expect(await errorsOf(`target: s3://${s3.host}/bucket/\n${PUT}`)).toMatchObject([
      { check: 'bucket', class: 'AUTH', hint: expect.stringContaining('AWS_ACCESS_KEY_ID') },
    ]);
  });

  it.each([404, 200])('find a web server that answers with %d and a page', async (status) => {
    const web = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>console</html>');
    }).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    try {
      const target = `target: s3://127.0.0.1:${String(port)}/bucket/`;
      expect(await errorsOf(`${target}\n${PUT}`)).toMatchObject([
        {
          ...{ check: 'bucket', class: 'CONFIG' },
          message: expect.stringContaining('it does not answer like S3'),
          hint: expect.stringContaining('check host and port'),
        },
      ]);
    } finally {
      web.close();
      web.closeAllConnections();
    }
  });

  it('find a server that does not answer', async () => {
    const port = await freePort();
    expect(await errorsOf(`target: s3://127.0.0.1:${String(port)}/bucket/\n${PUT}`)).toMatchObject([
      { check: 'bucket', class: 'NET', message: expect.stringContaining('ECONNREFUSED') },
    ]);
  });

  it('look at every endpoint', async () => {
    const port = await freePort();
    const endpoints = `multi_endpoint: {endpoints: ["s3://${s3.host}/bucket/", "s3://127.0.0.1:${String(port)}/bucket/"]}`;
    expect(await errorsOf(`${endpoints}\n${PUT}`)).toMatchObject([
      { target: `s3://127.0.0.1:${String(port)}/bucket/` },
    ]);
  });
});

describe('checks of concurrency', () => {
  it('say how payloads are made when they would take too much memory otherwise', async () => {
    const put = 'workload: [{op: put, path: n/, object_size: 8MiB, weight: 1}]';
    const findings = await findingsOf(`target: "null:"\nconcurrency: 1000\n${put}`);
    expect(findings).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ level: 'info', class: 'RESOURCE', check: 'memory' }),
      ]),
    );
  });

  it('refuse more payloads in flight than there is memory for, and name what to lower', async () => {
    const put = 'workload: [{op: put, path: n/, object_size: 8MiB, weight: 1}]';
    const errors = await errorsOf(`target: "null:"\nconcurrency: 65536\n${put}`);
    expect(errors.filter(({ check }) => check === 'memory')).toMatchObject([
      {
        class: 'RESOURCE',
        message: expect.stringContaining('65,536 operations in flight need 4 GiB of memory'),
        hint: expect.stringContaining('lower concurrency'),
      },
    ]);
  });

  it('warn when some endpoints would be idle', async () => {
    const endpoints = 'multi_endpoint: {endpoints: ["null://a", "null://b", "null://c"]}';
    const findings = await findingsOf(`${endpoints}\nconcurrency: 2\n${PUT}`);
    expect(findings).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ level: 'warning', check: 'concurrency' })]),
    );
  });
});
