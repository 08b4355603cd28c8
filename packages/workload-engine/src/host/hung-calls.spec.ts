import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { OperationStats } from '@sai3bench/stats';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type TestHost } from '../testing/run-plan.ts';
import type { IntervalProgress } from './host-messages.ts';

const suite = hostSuite();

beforeEach(() => {
  mkdirSync(join(suite.path, 'data'));
});

/** A file that hangs whoever opens it, as one of a mount does whose server is gone: a pipe without another end. */
function makeHanging(name: string): void {
  execFileSync('mkfifo', [join(suite.path, name)]);
}

async function openHost(yaml: string): Promise<TestHost> {
  return suite.open(planOf(yaml));
}

/** Stops a run once an operation was in flight for seconds in which no other has ended. */
function stopWhenStuck(host: TestHost): void {
  const isStuck = ({ inFlight, stats }: IntervalProgress): boolean => {
    const done = new OperationStats();
    done.add(stats);
    return inFlight === 1 && done.operationCount() === 0;
  };
  const timer = setInterval(() => {
    const last = host.progress.slice(-3);
    if (last.length < 3 || !last.every(isStuck)) return;
    clearInterval(timer);
    host.stop();
  }, 5);
}

describe.each(['file', 'direct'])('a call of %s:// that hangs', (scheme) => {
  it('is given up after the drain time of its stage, whatever was done beside it', async () => {
    makeHanging('fifo');
    const host = await openHost(`
target: ${scheme}://${suite.path}/
concurrency: 2
drain_timeout: 1s
workload: [{op: get, path: fifo, weight: 1}, {op: put, path: x/, object_size: 1, weight: 1}]
distributed:
  stages:
    - {name: one, order: 1, type: execute, duration: 500ms}
    - {name: two, order: 2, type: execute, duration: 500ms}
`);
    for (const { report, stats } of await host.runStages()) {
      // A worker that comes late may do no more than its first operation, which need not hang.
      expect(report.outcome).toBe('completed');
      expect([1, 2]).toContain(report.stuckWorkers);
      expect(stats.cancelled()).toBe(report.stuckWorkers);
      expect(stats.errors()).toBe(0);
    }
    expect(await host.kill()).toBe(true);
  });

  it('leaves visible what its worker has done before, while the worker is stuck', async () => {
    makeHanging('fifo');
    const host = await openHost(`
target: ${scheme}://${suite.path}/
concurrency: 1
duration: 1h
workload: [{op: get, path: fifo, weight: 1}, {op: put, path: x/, object_size: 1, weight: 20}]
`);
    const [record] = await host.runStages([1], () => {
      stopWhenStuck(host);
    });
    // The worker answers no message any more; these reports were sent before it was given up.
    const written = readdirSync(join(suite.path, 'x')).length;
    const stats = new OperationStats();
    for (const interval of record?.progress.slice(0, -1) ?? []) stats.add(interval.stats);
    expect(written).toBeGreaterThan(0);
    expect(stats.ofOperation('PUT').operations).toBe(written);
    expect(record?.report).toMatchObject({ stuckWorkers: 1, endpoints: [{ requests: written }] });
    expect(record?.stats.ofOperation('PUT').operations).toBe(written);
    expect(record?.stats.cancelled('GET')).toBe(1);
    expect(await host.kill()).toBe(true);
  });

  it('fails a stage in which nothing else was carried out, and the threads are named', async () => {
    makeHanging('fifo');
    const host = await openHost(`
target: ${scheme}://${suite.path}/
concurrency: 2
duration: 300ms
drain_timeout: 1s
workload: [{op: get, path: fifo, weight: 1}]
`);
    const execute = (await host.runStages()).find(({ name }) => name === 'execute');
    expect(execute?.report).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'STAGE_WITHOUT_SUCCESS',
        message: 'no operation has ended: 2 of 2 threads are stuck in a system call',
      },
      stuckWorkers: 2,
    });
    expect(execute?.stats.cancelled('GET')).toBe(2);
    expect(await host.kill()).toBe(true);
  });

  it.each([1, 65])(
    'does not keep a stage with %d operations in flight from being stopped',
    async (concurrency) => {
      makeHanging('data/prepared-00000000.dat');
      const host = await openHost(`
target: ${scheme}://${suite.path}/
concurrency: ${String(concurrency)}
prepare: {ensure_objects: [{base_uri: data/, count: 1, size_spec: 9MiB}]}
distributed: {stages: [{name: fill, order: 1, type: prepare}]}
`);
      host.startOver = true;
      const [fill] = await host.runStages([0], () => {
        stopWhenStuck(host);
      });
      expect(fill?.report).toMatchObject({ outcome: 'stopped', stuckWorkers: 1, tasksDone: 0 });
      expect(fill?.stats.cancelled('PUT')).toBe(1);
      expect(await host.kill()).toBe(true);
    },
  );
});
