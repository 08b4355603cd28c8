import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PROTOCOL_VERSION } from '@sai3bench/barrier-protocol';
import { temporaryDirectory } from '@sai3bench/testing';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { RunFiles } from './own-files/run-files.ts';
import { LONG, openRun, startLongRun } from './testing/open-run.ts';
import {
  connectTo,
  endAgentsAfterEach,
  startAgent,
  startAgentIn,
} from './testing/started-agent.ts';

endAgentsAfterEach();

describe('sai3bench-agent', () => {
  it('says where it listens and how the link is secured, and who it is when asked', async () => {
    const { address, output } = await startAgent('--listen', '127.0.0.1:0');
    expect(output()).toBe(`sai3bench-agent listening (PLAINTEXT) on ${address}\n`);
    const info = await connectTo(address).client.getInfo({});
    expect(info).toMatchObject({ protocolVersion: PROTOCOL_VERSION, runId: '' });
  });

  it('names a port that is taken, and what to do', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const second = await startAgent('--listen', address);
    expect(await second.ended).toBe(1);
    expect(second.errors()).toContain(`port ${address.split(':')[1] ?? ''} on 127.0.0.1 is taken`);
    expect(second.errors()).toContain('choose another port with --listen');
    expect(second.errors()).not.toContain('    at ');
  });

  it.each([
    [['--listen', '0.0.0.0:0'], 'add --insecure'],
    [['--listen', 'nonsense:port'], 'is not an address to listen on'],
    [['--lisen', 'x'], 'Did you mean --listen?'],
    [['--workers', '0'], '--workers must be a whole number from 1 to 256, not "0"'],
    [['--workers', 'many'], 'leave --workers out for one worker thread for each CPU'],
    [['extra'], 'too many arguments'],
  ])('refuses %j', async (args, why) => {
    const { ended, errors } = await startAgent(...args);
    expect(await ended).toBe(2);
    expect(errors()).toContain(why);
  });

  it('explains itself, and each default once', async () => {
    const { ended, output } = await startAgent('--help');
    expect(await ended).toBe(0);
    expect(output()).toMatch(/--allow-target <address>[^-]*be\s+repeated\s+\(default:\s+any\)\n/);
    expect(output()).toMatch(/--listen <address>.*\(default:\s+"127\.0\.0\.1:7167"\)/);
    expect(output()).not.toContain('[]');
    expect(output()).not.toContain('false');
  });

  it('uses as many worker threads as it is told, and says so in the record of its environment', async () => {
    const { address, output } = await startAgent('--listen', '127.0.0.1:0', '--workers', '3');
    const run = openRun(address, 'first');
    run.start('target: "null:"\nconcurrency: 7\nworkload: [{op: list, path: x/, weight: 1}]');
    const { event } = await run.until('ready');
    const environment: unknown = JSON.parse(
      event.case === 'ready' ? event.value.environmentJson : '',
    );
    expect(environment).toMatchObject({ worker_threads: 3, worker_threads_reason: '--workers' });
    expect(output()).toContain('Worker threads: 3 with 2 or 3 operations in flight each');
    run.send({ case: 'finishRun', value: { $typeName: 'sai3bench.agent.v1.FinishRun' } });
    await run.until('runEnded');
  });

  it('runs a stage for a controller, tidies up, and is ready for the next run', async () => {
    using directory = temporaryDirectory();
    const { address, output, runFiles } = await startAgent('--listen', '127.0.0.1:0');
    const yaml = `
target: file://${directory.path}/data/
concurrency: 2
prepare: {ensure_objects: [{count: 50, size_spec: 100}], cleanup: true}
`;
    for (const runId of ['first', 'second']) {
      const run = openRun(address, runId);
      run.start(yaml);
      const ready = await run.until('ready');
      expect(
        JSON.parse(ready.event.case === 'ready' ? ready.event.value.environmentJson : ''),
      ).toMatchObject({
        node_version: process.version,
      });
      for (const stage of [1, 2]) {
        run.load(stage);
        await run.until('stageLoaded');
        run.begin(stage);
        const summary = await run.until('stageSummary');
        expect(summary.event).toMatchObject({ value: { tasksDone: 50n, outcome: 1 } });
        run.acknowledge(summary.sequence);
      }
      run.send({ case: 'finishRun', value: { $typeName: 'sai3bench.agent.v1.FinishRun' } });
      await run.until('runEnded');
      expect(await run.closed).toBeUndefined();
      run.close();
    }
    expect(readdirSync(directory.path)).toEqual([]);
    expect(runFiles()).toEqual([]);
    expect(output()).toContain('50/50 objects');
    expect(output()).toContain('fill random, dedup 1, compress 1');
    expect(output()).toContain('Data seed: 1');
  });

  it('counts its events without gaps', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const run = openRun(address);
    run.start(LONG);
    run.load(1);
    run.abort();
    expect(await run.closed).toBeUndefined();
    // Signs of life have no number.
    const numbers = run.events.map(({ sequence }) => Number(sequence)).filter(Boolean);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(run.events.at(-1)?.event.case).toBe('runEnded');
  });

  it('refuses a second run while one is under way', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const first = openRun(address, 'first');
    first.start(LONG);
    await first.until('ready');
    const second = openRun(address, 'second');
    second.start(LONG);
    expect(String(await second.closed)).toContain('busy with run first');
    const { runId } = await connectTo(address).client.getInfo({});
    expect(runId).toBe('first');
  });

  it('refuses a controller that speaks another protocol', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const run = openRun(address);
    run.start(LONG, { protocolVersion: 99 });
    expect(String(await run.closed)).toContain('speaks protocol 99');
  });

  it('reports a plan that it cannot understand, and goes on', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const run = openRun(address, 'bad');
    run.startWith('{}');
    const failed = await run.until('runFailed');
    expect(failed.event).toMatchObject({ value: { error: { code: 'PLAN_INVALID' } } });
    await run.until('runEnded');
    expect((await connectTo(address).client.getInfo({})).runId).toBe('');
  });

  it('reports a command that does not fit, with its name, and ends the run', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const run = openRun(address);
    run.start(LONG);
    await run.until('ready');
    run.begin(1);
    const failed = await run.until('runFailed');
    expect(failed.event).toMatchObject({ value: { error: { code: 'PROTOCOL_VIOLATION' } } });
    await run.until('runEnded');
  });

  it('says why, and hands in what was done, when it is told to stop itself', async () => {
    const { address, stop } = await startAgent('--listen', '127.0.0.1:0');
    const run = await startLongRun(address);
    const exitCode = stop();
    const failed = await run.until('runFailed');
    expect(failed.event).toMatchObject({
      value: { error: { code: 'AGENT_STOPPED', message: 'the test is over' } },
    });
    const summary = await run.until('stageSummary');
    expect(summary.event).toMatchObject({ value: { outcome: 2 } });
    expect(summary.sequence).toBeGreaterThan(failed.sequence);
    await run.until('runEnded');
    expect(await exitCode).toBe(143);
  });

  it('does not call itself stopped when the run was being stopped anyway', async () => {
    const { address, stop } = await startAgent('--listen', '127.0.0.1:0');
    const run = await startLongRun(address);
    run.abort();
    await run.until('stageSummary');
    await stop();
    await run.closed;
    expect(run.events.filter(({ event }) => event.case === 'runFailed')).toEqual([]);
  });

  it('leaves nothing behind after a stop when the controller takes over the results', async () => {
    const { address, output, runFiles } = await startAgent('--listen', '127.0.0.1:0');
    const run = await startLongRun(address);
    run.abort();
    const summary = await run.until('stageSummary');
    run.acknowledge(summary.sequence);
    await run.until('runEnded');
    expect(await run.closed).toBeUndefined();
    expect(runFiles()).toEqual([]);
    expect(output()).not.toContain('are kept in');
  });

  it('keeps the results, and says where, when the controller does not take them over', async () => {
    const { address, output, runFiles, temporary } = await startAgent('--listen', '127.0.0.1:0');
    const run = await startLongRun(address);
    run.abort();
    await run.until('runEnded');
    await run.closed;
    const [name = ''] = runFiles();
    expect(readdirSync(join(temporary, name))).toContainEqual(expect.stringMatching(/^summary-/));
    expect(output()).toContain(`not taken over are kept in ${join(temporary, name)}`);
  });

  it('removes what earlier runs have left, at its start and before a run', async () => {
    using directory = temporaryDirectory();
    const leave = (): string => {
      const path = new RunFiles(directory.path, 'agent-1', () => undefined).path ?? '';
      writeFileSync(join(path, 'ended'), '');
      return path;
    };
    const first = leave();
    const agent = await startAgentIn(directory.path, '--listen', '127.0.0.1:0');
    expect(agent.output()).toContain(`Removed ${first}, left by an earlier run`);
    expect(agent.runFiles()).toEqual([]);
    const second = leave();
    const run = openRun(agent.address);
    run.start(LONG);
    await run.until('ready');
    expect(agent.output()).toContain(`Removed ${second}, left by an earlier run`);
    run.abort();
    await run.closed;
    expect(agent.runFiles()).toEqual([]);
  });

  it.each<[string, (temporary: string) => void]>([
    [
      'from the start',
      (temporary) => {
        rmSync(temporary, { recursive: true });
      },
    ],
    [
      'in the middle of it',
      (temporary) => {
        const [name = ''] = readdirSync(temporary);
        rmSync(join(temporary, name), { recursive: true });
      },
    ],
  ])(
    'goes on with a run when its own copy cannot be written %s, and says so once',
    async (when, spoil) => {
      const { address, output, temporary } = await startAgent('--listen', '127.0.0.1:0');
      if (when === 'from the start') spoil(temporary);
      const run = openRun(address);
      run.start(LONG.replace('60s', '300ms'));
      await run.until('ready');
      if (when !== 'from the start') spoil(temporary);
      run.load(1);
      await run.until('stageLoaded');
      run.begin(1);
      const summary = await run.until('stageSummary');
      expect(summary.event).toMatchObject({ value: { outcome: 1 } });
      run.acknowledge(summary.sequence);
      run.send({ case: 'finishRun', value: { $typeName: 'sai3bench.agent.v1.FinishRun' } });
      await run.until('runEnded');
      await run.closed;
      const complaint = /keeps no further copy of the run in .*: ENOENT/;
      expect(
        output()
          .split('\n')
          .filter((line) => complaint.test(line)),
      ).toHaveLength(1);
      const streamed = run.events.flatMap(({ event }) =>
        event.case === 'logRecord' && complaint.test(event.value.text) ? [event.value.level] : [],
      );
      expect(streamed).toEqual([2]);
    },
  );

  it('shows that it is alive while nothing happens', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const run = openRun(address);
    run.start(LONG);
    await run.until('ready');
    await run.until('heartbeat');
  });

  it('survives garbage on its port', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const [host = '', port = ''] = address.split(':');
    for (const garbage of [
      'GET / HTTP/1.1\r\n\r\n',
      '\0'.repeat(1000),
      'PRI * HTTP/2.0\r\n\r\nXX',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), host, () => socket.end(garbage));
        socket.on('close', () => {
          resolve();
        });
        socket.on('error', () => undefined);
        socket.resume();
      });
    }
    expect((await connectTo(address).client.getInfo({})).protocolVersion).toBe(PROTOCOL_VERSION);
  });

  it('streams the findings of the checks', async () => {
    using directory = temporaryDirectory();
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const { client } = connectTo(address);
    const plan = planAgent(
      parseWorkload(
        `target: file://${directory.path}/missing/\nworkload: [{op: get, path: "*", weight: 1}]`,
        'w.yaml',
      ),
      { agentId: 'a', agentIndex: 0, agentCount: 1, entry: undefined, runId: 'r', dataSeed: '1' },
    );
    const levels: number[] = [];
    for await (const { result } of client.preflight({ planJson: JSON.stringify(plan) })) {
      if (result.case === 'finding') levels.push(result.value.level);
    }
    expect(levels).toContain(4);
    await expect(async () => {
      for await (const { result } of client.preflight({ planJson: 'nonsense' })) {
        throw new Error(`unexpected ${String(result.case)}`);
      }
    }).rejects.toThrow('it is not JSON');
  });
});
