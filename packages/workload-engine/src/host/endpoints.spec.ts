import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ObjectClient, openStore } from '@sai3bench/object-store';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { LatencyHistogram } from '@sai3bench/stats';
import { freePort, temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { monotonicClock } from '../clock.ts';
import { planOf, stageList, TestHost } from '../testing/run-plan.ts';

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

function makeDirectory(): TemporaryDirectory {
  const directory = temporaryDirectory();
  undo.push(() => {
    directory.remove();
  });
  return directory;
}

async function openHost(yaml: string, workers?: number): Promise<TestHost> {
  const host = new TestHost(planOf(yaml), workers);
  undo.push(() => host.kill());
  await host.open();
  return host;
}

/** Prepared objects in a directory. */
function objectsIn(path: string): string[] {
  return readdirSync(path).filter((name) => name.startsWith('prepared-'));
}

/** A server that answers every request with what `status` says; returns its address. */
async function startServer(status: () => number): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status(), { ETag: '"x"', 'Content-Length': '0' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function setCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] = 'x';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'x';
  undo.push(() => {
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
  });
}

/** An S3 server whose credentials the I/O process finds. */
async function startS3(): Promise<S3TestServer> {
  const server = await startS3TestServer({ buckets: ['bucket'] });
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = server.env;
  const before = { ...process.env };
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  undo.push(async () => {
    process.env = before;
    await server.stop();
  });
  return server;
}

describe('endpoints', () => {
  it('that show the same objects share every operation of every stage', async () => {
    const directory = makeDirectory();
    mkdirSync(join(directory.path, 'data'));
    symlinkSync('data', join(directory.path, 'link'));
    const host = await openHost(`
multi_endpoint: {endpoints: ["file://${directory.path}/data/", "file://${directory.path}/link/"]}
concurrency: 3
prepare: {ensure_objects: [{base_uri: base/, count: 60, size_spec: 1KiB}]}
workload:
  - {op: get, path: "base/prepared-*", weight: 1}
  - {op: stat, path: "base/prepared-*", weight: 1}
  - {op: put, path: new/, object_size: 1KiB, weight: 1}
  - {op: list, path: base/, weight: 1}
  - {op: delete, path: "base/deletable-*", weight: 1}
distributed: {stages: ${stageList('prepare', 300, 'cleanup')}}
`);
    for (const { name, report, stats } of await host.runStages()) {
      expect(report.outcome).toBe('completed');
      const requests = report.endpoints.map((endpoint) => endpoint.requests);
      const done = stats.operationCount() + stats.errors() + stats.retries();
      expect({ name, sum: requests.reduce((sum, each) => sum + each, 0) }).toEqual({
        name,
        sum: done,
      });
      if (done > 0) expect(Math.min(...requests)).toBeGreaterThan(done / 4);
    }
    await host.close();
  });

  it('are all asked for what is there before the listing fails', async () => {
    const s3 = await startS3();
    const dead = `127.0.0.1:${String(await freePort())}`;
    const store = await openStore(`s3://${s3.host}/bucket/`, {
      ...{ nowNs: monotonicClock(), maxInFlight: 1, chunkBytes: 1024, fileMode: 'sync' },
      env: process.env,
    });
    await new ObjectClient(store).put('old/object', new Uint8Array(10));
    store.close();
    const host = await openHost(`
multi_endpoint: {endpoints: ["s3://${dead}/bucket/", "s3://${s3.host}/bucket/"]}
concurrency: 1
workload: [{op: get, path: "old/*", weight: 1}]
distributed: {stages: ${stageList(20)}}
`);
    const [execute] = await host.runStages();
    expect(execute?.stats.ofOperation('GET').operations).toBeGreaterThan(0);
    await host.close();
  });

  it('may be 1024 of them, all of which are used', async () => {
    const s3 = await startS3();
    const addresses = Array.from(
      { length: 1024 },
      (_, index) => `"s3://${s3.host}/bucket/e${String(index)}/"`,
    );
    const host = await openHost(
      `
multi_endpoint: {strategy: least_connections, endpoints: [${addresses.join(', ')}]}
concurrency: 32
prepare: {ensure_objects: [{count: 4096, size_spec: 100}]}
`,
      2,
    );
    const [prepare] = await host.runStages([1]);
    const requests = (prepare?.report.endpoints ?? []).map((endpoint) => endpoint.requests);
    expect(requests).toHaveLength(1024);
    expect(requests.reduce((sum, each) => sum + each, 0)).toBe(4096);
    expect(requests.filter((each) => each === 0)).toEqual([]);
    // What was told of each while the stage ran adds up to the same.
    const told = new Array<number>(1024).fill(0);
    for (const { endpoint, requests: more } of (prepare?.progress ?? []).flatMap(
      ({ endpoints }) => endpoints,
    )) {
      told[endpoint] = (told[endpoint] ?? 0) + more;
    }
    expect(told).toEqual(requests);
    await host.close();
  });

  it('that fail are taken out and brought back, which the report of the stage tells', async () => {
    setCredentials();
    const changes = (): string[] => host.changes.map(({ change }) => change);
    let answered = 0;
    const well = await startServer(() => 200);
    const ill = await startServer(() => {
      if (!changes().includes('taken-out')) return 500;
      answered++;
      return 200;
    });
    const host = await openHost(`
multi_endpoint:
  endpoints: [s3://${well}/bucket/, s3://${ill}/bucket/]
  circuit_breaker: {failures: 3, pause: 200ms}
concurrency: 4
duration: 1h
workload: [{op: stat, path: some/key, weight: 1}]
`);
    const [record] = await host.runStages([1], () => {
      void until(() => changes().includes('brought-back') && answered > 100).then(() => {
        host.stop();
      });
    });
    const [first, second] = record?.report.endpoints ?? [];
    const cancelled = record?.stats.cancelled() ?? 0;
    expect(first?.outMs).toBe(0);
    expect(first?.errors).toBeLessThanOrEqual(cancelled);
    expect(second?.errors).toBeGreaterThanOrEqual(3);
    // Without a circuit breaker it would be every other request; with it, it is one after each pause, which get longer.
    expect(second?.errors).toBeLessThan(60);
    expect(second?.outMs).toBeGreaterThan(0);
    expect(second?.requests).toBeGreaterThan((second?.errors ?? 0) + 100);
    expect(changes()).toEqual(['taken-out', 'brought-back']);
    const latency = new LatencyHistogram();
    latency.addSparse(first?.latency ?? new Uint8Array());
    expect(latency.count).toBe((first?.requests ?? 0) - (first?.errors ?? 0));
    await host.close();
  });

  it('are taken out when they are file systems without a device', async () => {
    const [well, ill] = [makeDirectory(), makeDirectory()];
    writeFileSync(join(well.path, 'object'), 'content');
    // Nobody can open a socket as a file: the system says what it says of a device that is gone.
    const socket = createSocketServer().listen(join(ill.path, 'object'));
    undo.push(() => socket.close());
    const host = await openHost(`
multi_endpoint:
  endpoints: ["file://${well.path}/", "file://${ill.path}/"]
  circuit_breaker: {failures: 3, pause: 1h, longest_pause: 1h}
concurrency: 1
workload: [{op: get, path: "obj*", weight: 1}]
distributed: {stages: ${stageList(200)}}
`);
    const [record] = await host.runStages();
    const [first, second] = record?.report.endpoints ?? [];
    expect(record?.report.outcome).toBe('completed');
    expect([first?.requests, second?.errors]).toEqual([197, 3]);
    expect(host.changes.map(({ change }) => change)).toContain('taken-out');
    await host.close();
  });

  it('tell what went over the wire, and operations what they waited for', async () => {
    setCredentials();
    const address = await startServer(() => 200);
    const host = await openHost(`
target: s3://${address}/bucket/
s3: {keep_alive: false, region: eu-west-9}
concurrency: 2
workload: [{op: put, path: some/, object_size: 4KiB, weight: 1}]
distributed: {stages: ${stageList(100)}}
`);
    const [record] = await host.runStages();
    const puts = record?.stats.ofOperation('PUT').operations ?? 0;
    const [endpoint] = record?.report.endpoints ?? [];
    const [wire] = endpoint?.traffic.addresses ?? [];
    expect(puts).toBe(100);
    expect(wire).toMatchObject({ address: '127.0.0.1', connectErrors: 0 });
    expect(wire?.requests).toBe(endpoint?.requests);
    expect(wire?.connects).toBe(wire?.requests);
    // Heads are some hundred bytes.
    expect((wire?.bytesSent ?? 0) / puts).toBeGreaterThan(4096 + 200);
    expect((wire?.bytesSent ?? 0) / puts).toBeLessThan(4096 + 2000);
    expect(endpoint?.traffic.operations).toEqual([
      {
        operation: 'PUT',
        requests: wire?.requests,
        bytesSent: wire?.bytesSent,
        bytesReceived: wire?.bytesReceived,
      },
    ]);
    expect(endpoint?.traffic).toMatchObject({ region: 'eu-west-9', regionAdopted: false });
    const connectTimes = new LatencyHistogram();
    connectTimes.addSparse(endpoint?.traffic.connectTimes ?? new Uint8Array());
    expect(connectTimes.count).toBe(wire?.connects);
    const times = record?.stats.times('PUT');
    expect(times?.connectNs).toBeGreaterThan(0);
    expect(times?.generateNs).toBeGreaterThan(0);
    expect(record?.stats.generateShare()).toBeLessThan(1);
    await host.close();
  });

  it('with separate namespaces have their own objects each', async () => {
    const [one, other] = [makeDirectory(), makeDirectory()];
    const host = await openHost(`
multi_endpoint:
  namespace: separate
  endpoints: [file://${one.path}/, file://${other.path}/]
concurrency: 2
prepare: {ensure_objects: [{base_uri: base/, count: 200, size_spec: 1KiB}]}
workload:
  - {op: get, path: "base/*", weight: 1}
  - {op: put, path: new/, object_size: 1KiB, weight: 1}
distributed: {stages: ${stageList('prepare', 100, 'cleanup')}}
`);
    const [, execute] = await host.runStages([0, 1]);
    const counts = [one, other].map(({ path }) => objectsIn(join(path, 'base')).length);
    expect(counts[0]).toBeGreaterThan(60);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(200);
    expect(execute?.stats.errors()).toBe(0);
    expect(execute?.stats.operationCount()).toBe(100);
    const [cleanup] = await host.runStages([2]);
    expect(cleanup?.report.outcome).toBe('completed');
    expect([one, other].flatMap(({ path }) => readdirSync(path))).toEqual([]);
    await host.close();
  });
});
