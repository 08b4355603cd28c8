import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_CREDENTIALS } from '@sai3bench/s3-test-server';
import { CERTIFICATE, freePort, startS3rver, temporaryDirectory } from '@sai3bench/testing';
import {
  errorsOf,
  findingsOf,
  findingsOfPlan,
  GET,
  PUT,
  troublesOf,
} from '../testing/run-checks.ts';
import { planOf } from '../testing/run-plan.ts';
import { checkedServers } from '../testing/s3-checks.ts';
import { checkS3 } from './check-s3.ts';
import type { Finding } from './finding.ts';

const MINUTE_MS = 60_000;
const LIST = 'duration: 1s\nworkload: [{op: list, path: "x/", weight: 1}]';
const PUT_AND_GET = PUT.replace(']', ', {op: get, path: "x-*", weight: 1}]');
const READ_ONLY = [{ ...DEFAULT_CREDENTIALS, readOnly: true }];

const start = checkedServers();

const byCheck = (findings: readonly Finding[], check: string): Finding | undefined =>
  findings.find((finding) => finding.check === check);

describe('checks of S3', () => {
  it('pass for a bucket that can be written, and leave nothing in it', async () => {
    const s3 = await start();
    const findings = await findingsOf(`target: ${s3.target()}\n${PUT_AND_GET}`);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(s3.changes()).toHaveLength(2);
    expect(await s3.keys()).toEqual([]);
  });

  it('pass with s3rver too', async () => {
    await start();
    const s3rver = await startS3rver(['bucket']);
    Object.assign(process.env, s3rver.env);
    try {
      expect(await errorsOf(`target: s3://${s3rver.host}/bucket/p/\n${PUT_AND_GET}`)).toEqual([]);
    } finally {
      await s3rver.stop();
    }
  });

  it('go step by step, each a check of its own', async () => {
    const s3 = await start();
    const checked: string[] = [];
    await checkS3({
      plan: planOf(`target: ${s3.target()}\n${PUT_AND_GET}`),
      ...{ probeId: 'a1', signal: new AbortController().signal, onFinding: () => undefined },
      onChecking: (what) => checked.push(what.split(' ')[0] ?? ''),
    });
    expect(checked).toEqual([
      ...['login', 'address', 'dns', 'tcp', 'clock', 'bucket'],
      ...['versioning', 'list', 'write', 'read', 'delete'],
    ]);
  });

  it('say how the address was understood', async () => {
    const s3 = await start();
    const plain = await findingsOf(`target: ${s3.target()}\n${PUT}`);
    expect(byCheck(plain, 'address')?.message).toBe(
      `S3 at http://${s3.server.host} (from the address), region us-east-1, bucket "bucket", prefix "p/", path-style`,
    );
    const keys = 's3: {region: eu-west-9, addressing: virtual-host}';
    const other = await findingsOf(`target: ${s3.target()}\n${PUT}\n${keys}`);
    expect(byCheck(other, 'address')?.message).toContain('region eu-west-9');
    expect(byCheck(other, 'address')?.message).toContain('virtual-host style');
  });

  it('refuse a variable that has no URL, and files that cannot be read', async () => {
    const s3 = await start();
    process.env['AWS_ENDPOINT_URL_S3'] = '10.0.0.1:9000';
    expect(await errorsOf(`target: s3://bucket/\n${PUT}`)).toMatchObject([
      { check: 'address', class: 'CONFIG', hint: expect.stringContaining('http://10.0.0.1:9000') },
    ]);
    const keys = 's3: {tls: {ca: /no/such/ca.pem}}';
    expect(await errorsOf(`target: ${s3.target()}\n${PUT}\n${keys}`)).toMatchObject([
      { check: 'address', class: 'CONFIG', message: expect.stringContaining('/no/such/ca.pem') },
    ]);
  });

  it('say when the bucket is in another region, which is then used', async () => {
    const s3 = await start({ region: 'ap-south-1' });
    process.env['AWS_REGION'] = 'us-east-1';
    expect(await troublesOf(`target: ${s3.target()}\n${PUT}`)).toMatchObject([
      { level: 'warning', check: 'region', message: expect.stringContaining('ap-south-1') },
    ]);
  });

  it('find a bucket that is missing', async () => {
    const s3 = await start();
    expect(await errorsOf(`target: ${s3.target('nobucket')}\n${PUT}`)).toMatchObject([
      { check: 'bucket', class: 'CONFIG', hint: expect.stringContaining('create the bucket') },
    ]);
  });

  it.each([404, 200])('find a web server that answers with %d and a page', async (status) => {
    await start();
    const web = createHttpServer((_, response) => {
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

  it.each([
    ['at once', 0],
    ['when it is asked something', 1],
  ])('find a server of something else that closes connections %s', async (_, after) => {
    await start();
    const other = createServer((socket) => {
      socket.on('error', () => undefined);
      if (after === 0) socket.end();
      else socket.once('data', () => socket.end());
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      const target = `target: s3://127.0.0.1:${String(port)}/bucket/`;
      expect(await errorsOf(`${target}\n${PUT}`)).toMatchObject([
        {
          ...{ check: 'clock', class: 'CONFIG' },
          message: expect.stringContaining('it does not answer like S3'),
          hint: expect.stringContaining('check host and port'),
        },
      ]);
    } finally {
      other.close();
    }
  });

  it('look at every endpoint', async () => {
    const s3 = await start();
    const dead = `s3://127.0.0.1:${String(await freePort())}/bucket/p/`;
    const endpoints = `multi_endpoint: {endpoints: ["${s3.target()}", "${dead}"]}`;
    expect(await errorsOf(`${endpoints}\n${PUT}`)).toMatchObject([{ check: 'tcp', target: dead }]);
  });

  it('use probes of their own for each endpoint of a bucket', async () => {
    const s3 = await start();
    const endpoints = await Promise.all(Array.from({ length: 20 }, () => s3.server.openEndpoint()));
    const addresses = endpoints.map(({ host }) => `"s3://${host}/bucket/"`).join(', ');
    const yaml = `multi_endpoint: {endpoints: [${addresses}]}\nconcurrency: 20\n${PUT_AND_GET}`;
    expect(await troublesOf(yaml)).toEqual([]);
    expect(await s3.keys()).toEqual([]);
    await Promise.all(endpoints.map((endpoint) => endpoint.stop()));
  });
});

describe('the check of credentials', () => {
  it('says where they are from, and nothing of what they are', async () => {
    const s3 = await start();
    const findings = await findingsOf(`target: ${s3.target()}\n${PUT}`);
    expect(byCheck(findings, 'login')).toEqual({
      ...{ level: 'info', class: 'AUTH', check: 'login', target: '' },
      message: 'credentials found in AWS_ACCESS_KEY_ID in the environment',
    });
    const { accessKeyId, secretAccessKey } = DEFAULT_CREDENTIALS;
    expect(JSON.stringify(findings)).not.toContain(accessKeyId);
    expect(JSON.stringify(findings)).not.toContain(secretAccessKey);
  });

  it('asks no metadata service where the environment has keys', async () => {
    let asked = 0;
    const metadata = createHttpServer((_, response) => {
      asked++;
      response.writeHead(500).end();
    }).listen(0, '127.0.0.1');
    await once(metadata, 'listening');
    const { port } = metadata.address() as AddressInfo;
    const s3 = await start();
    process.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] = `http://127.0.0.1:${String(port)}`;
    expect(await errorsOf(`target: ${s3.target()}\n${PUT}`)).toEqual([]);
    expect(asked).toBe(0);
    metadata.close();
  });

  it('fails where there are none, and the way to the server is looked at nevertheless', async () => {
    const s3 = await start();
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
      AWS_CONFIG_FILE: '/nonexistent',
    });
    const findings = await findingsOf(`target: ${s3.target()}\n${PUT}`);
    expect(findings.filter(({ level }) => level === 'error')).toMatchObject([
      { check: 'login', class: 'AUTH', hint: expect.stringContaining('AWS_ACCESS_KEY_ID') },
    ]);
    expect(byCheck(findings, 'clock')).toBeDefined();
    expect(s3.changes()).toEqual([]);
  });

  it('finds an access key that the server does not know', async () => {
    const s3 = await start();
    process.env['AWS_ACCESS_KEY_ID'] = 'UNKNOWN';
    expect(await errorsOf(`target: ${s3.target()}\n${PUT}`)).toMatchObject([
      { check: 'bucket', class: 'AUTH', hint: expect.stringContaining('AWS_ACCESS_KEY_ID') },
    ]);
  });

  it('finds a wrong secret', async () => {
    const s3 = await start();
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    const [error, ...others] = await errorsOf(`target: ${s3.target()}\n${PUT}`);
    expect(others).toEqual([]);
    expect(error).toMatchObject({ check: 'bucket', class: 'AUTH' });
    expect(error?.hint).toContain('AWS_SECRET_ACCESS_KEY');
  });
});

describe('the way to a server', () => {
  it('begins with its name', async () => {
    await start();
    const target = 'target: s3+http://no-such-host.invalid:9000/bucket/';
    expect(await errorsOf(`${target}\n${PUT}`)).toMatchObject([
      { check: 'dns', class: 'NET', hint: expect.stringContaining('the name cannot be resolved') },
    ]);
  });

  it('names all addresses that the name leads to', async () => {
    const s3 = await start();
    const port = s3.server.host.split(':')[1] ?? '';
    const findings = await findingsOf(`target: s3://localhost:${port}/bucket/\n${PUT}`);
    expect(byCheck(findings, 'dns')?.message).toMatch(/^localhost leads to .*127\.0\.0\.1/);
  });

  it('ends where nobody takes connections', async () => {
    await start();
    const port = await freePort();
    expect(await errorsOf(`target: s3://127.0.0.1:${String(port)}/bucket/\n${PUT}`)).toMatchObject([
      { check: 'tcp', class: 'NET', message: expect.stringContaining('ECONNREFUSED') },
    ]);
  });

  it('is given up where a server takes connections and never answers', async () => {
    await start();
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const findings: Finding[] = [];
    const context = {
      plan: planOf(`target: s3://127.0.0.1:${String(port)}/bucket/\n${PUT}`),
      ...{ probeId: 'a1', signal: new AbortController().signal, onChecking: () => undefined },
      onFinding: (finding: Finding) => {
        findings.push(finding);
      },
    };
    await checkS3(context, 5_000);
    expect(findings.filter(({ level }) => level === 'error')).toMatchObject([
      { check: 'time', class: 'NET', message: expect.stringContaining('"clock of s3://') },
    ]);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('leads through TLS, and says for how long the certificate is good', async () => {
    const s3 = await start({ tls: CERTIFICATE });
    const directory = temporaryDirectory();
    const ca = join(directory.path, 'ca.pem');
    writeFileSync(ca, CERTIFICATE.cert);
    const target = `target: s3+https://${s3.server.host}/bucket/`;
    const trusted = await findingsOf(`${target}\n${PUT}\ns3: {tls: {ca: ${ca}}}`);
    expect(trusted.filter(({ level }) => level === 'error')).toEqual([]);
    expect(byCheck(trusted, 'tls')?.message).toMatch(/^TLSv1\.3, certificate valid until 2126-/);
    expect(await errorsOf(`${target}\n${PUT}`)).toMatchObject([
      { check: 'tls', class: 'CONFIG', hint: expect.stringContaining('s3.tls.ca') },
    ]);
    directory.remove();
  });

  it('finds a server that does not speak TLS', async () => {
    const s3 = await start();
    const target = `target: s3+https://${s3.server.host}/bucket/`;
    const impatient = 's3: {connect_timeout: 4s}';
    expect(await errorsOf(`${target}\n${PUT}\n${impatient}`)).toMatchObject([
      { check: 'tls', class: 'CONFIG', hint: expect.stringContaining('speaks TLS') },
    ]);
  });
});

describe('the check of clocks', () => {
  const skewed = (ms: number) =>
    start({ now: () => Date.now() + ms, maxSkewMs: 1_000 * MINUTE_MS });

  it('has nothing to say of clocks that agree', async () => {
    const s3 = await start();
    const findings = await findingsOf(`target: ${s3.target()}\n${PUT}`);
    expect(byCheck(findings, 'clock')).toMatchObject({
      level: 'info',
      message: 'the clock of this host agrees with that of the server',
    });
  });

  it('warns from a minute on', async () => {
    const s3 = await skewed(-3 * MINUTE_MS);
    expect(await troublesOf(`target: ${s3.target()}\n${PUT}`)).toMatchObject([
      {
        ...{ level: 'warning', class: 'AUTH', check: 'clock' },
        // The time that an answer takes is in it, and that of the server is cut to seconds.
        message: expect.stringMatching(/(2m 5|3m 0)\ds ahead of/),
        hint: expect.stringContaining('set the clock'),
      },
    ]);
  });

  it('refuses a quarter of an hour, as S3 does, and signs nothing', async () => {
    const s3 = await skewed(16 * MINUTE_MS);
    expect(await troublesOf(`target: ${s3.target()}\n${PUT}`)).toMatchObject([
      { level: 'error', class: 'AUTH', check: 'clock', message: expect.stringContaining('behind') },
    ]);
    expect(s3.changes()).toEqual([]);
  });
});

describe('the probe of S3', () => {
  it('is not written by a run that only reads', async () => {
    const s3 = await start({ credentials: READ_ONLY });
    for (const workload of [GET, LIST]) {
      expect(await troublesOf(`target: ${s3.target()}\n${workload}`)).toEqual([]);
    }
    expect(s3.changes()).toEqual([]);
  });

  it('finds credentials that may not write', async () => {
    const s3 = await start({ credentials: READ_ONLY });
    expect(await troublesOf(`target: ${s3.target()}\n${PUT}`)).toMatchObject([
      { level: 'error', check: 'write', class: 'PERM' },
    ]);
  });

  it('finds credentials that may not delete: a warning where the run does not', async () => {
    const denies = { DeleteObject: 'AccessDenied' } as const;
    const s3 = await start({ refuse: denies });
    expect(await troublesOf(`target: ${s3.target()}\n${PUT}`)).toMatchObject([
      {
        level: 'warning',
        check: 'delete',
        class: 'PERM',
        hint: expect.stringContaining('by hand'),
      },
    ]);
    const cleanup = 'prepare: {cleanup: true, ensure_objects: [{count: 1}]}';
    const other = await start({ refuse: denies });
    const troubles = await troublesOf(`target: ${other.target()}\n${cleanup}`);
    expect(troubles).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ level: 'error', check: 'delete' })]),
    );
  });

  it('leaves no versions in a bucket that keeps them, and says that it does', async () => {
    const s3 = await start({ buckets: [{ name: 'bucket', versioning: 'Enabled' }] });
    const findings = await findingsOf(`target: ${s3.target()}\n${PUT}`);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(byCheck(findings, 'versioning')?.message).toContain('the bucket keeps versions');
    expect(await s3.keys()).toEqual([]);
  });

  it('is made also where nobody can tell whether there are versions', async () => {
    const s3 = await start({ refuse: { GetBucketVersioning: 'AccessDenied' } });
    const findings = await findingsOf(`target: ${s3.target()}\n${PUT}`);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(byCheck(findings, 'versioning')).toMatchObject({
      level: 'info',
      message: expect.stringContaining('cannot be told'),
    });
  });

  it('finds a server that returns other bytes', async () => {
    const s3 = await start();
    s3.server.faults.add({ match: { operation: 'GetObject' }, fault: { kind: 'corrupt' } });
    expect(await errorsOf(`target: ${s3.target()}\n${PUT_AND_GET}`)).toMatchObject([
      { check: 'read', class: 'SYSTEM', message: expect.stringContaining('other bytes') },
    ]);
    expect(await s3.keys()).toEqual([]);
  });

  it('is removed also where its writing seemed to fail', async () => {
    const s3 = await start();
    s3.server.faults.add({
      match: { operation: 'PutObject' },
      fault: { kind: 'cut', afterBytes: 0, end: 'reset' },
    });
    expect(await errorsOf(`target: ${s3.target()}\n${PUT}`)).toMatchObject([{ check: 'write' }]);
    expect(await s3.keys()).toEqual([]);
  });

  it('is removed also where the checks are to end meanwhile', async () => {
    const s3 = await start();
    const end = new AbortController();
    s3.server.faults.add({
      match: { operation: 'GetObject', skip: 1 },
      fault: { kind: 'latency', ms: 60_000 },
    });
    const yaml = `target: ${s3.target()}\n${PUT_AND_GET}`;
    const timer = setInterval(() => {
      if (s3.server.stats().requests.byOperation.GetObject === 2) end.abort();
    }, 10);
    const findings = await findingsOfPlan(planOf(yaml), end.signal);
    clearInterval(timer);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(s3.changes().map((change) => change.split(' ')[0])).toEqual(['PUT', 'DELETE']);
    expect(await s3.keys()).toEqual([]);
  });
});
