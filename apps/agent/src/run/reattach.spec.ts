import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { RunResponse } from '@sai3bench/barrier-protocol';
import { attachTo, openRun, startLongRun, type TestRun } from '../testing/open-run.ts';
import { connectTo, endAgentsAfterEach, startAgent } from '../testing/started-agent.ts';

endAgentsAfterEach();

type EventOf<Case extends RunResponse['event']['case']> = Extract<
  RunResponse['event'],
  { case: Case }
>['value'];

/** The events of a kind that a stream has brought. */
function eventsOf<Case extends RunResponse['event']['case']>(
  { received }: TestRun,
  wanted: Case,
): EventOf<Case>[] {
  return received.flatMap(({ event }) =>
    event.case === wanted ? [event.value as EventOf<Case>] : [],
  );
}

const operationsIn = (stats: EventOf<'stageSummary'>['stats']): number =>
  (stats?.slots ?? []).reduce((sum, { operations }) => sum + Number(operations), 0);

/** Numbers of the events of streams, in the order in which they came, without those that are not repeated. */
const numbersOf = (...runs: TestRun[]): number[] =>
  runs.flatMap(({ received }) => received.map(({ sequence }) => Number(sequence))).filter(Boolean);

describe('an agent whose link to the controller breaks', () => {
  it('goes on working, and the controller gets everything exactly once when it is back', async () => {
    const { address, output } = await startAgent('--listen', '127.0.0.1:0');
    const before = await startLongRun(address);
    before.close();
    await before.closed;
    const after = attachTo(address, before);
    expect((await after.until('attached')).event.value).toMatchObject({
      state: 'running',
      stage: 1,
    });
    await after.until('stageProgress');
    after.abort();
    const { event } = await after.until('stageSummary');
    await after.until('runEnded');
    const numbers = numbersOf(before, after);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const progress = [before, after].flatMap((run) => eventsOf(run, 'stageProgress'));
    const summary = event.value as EventOf<'stageSummary'>;
    expect(operationsIn(summary.stats)).toBeGreaterThan(0);
    expect(progress.reduce((sum, { stats }) => sum + operationsIn(stats), 0)).toBe(
      operationsIn(summary.stats),
    );
    expect(output()).toContain('The link to the controller is lost');
    expect(output()).toContain('The controller is back after');
  });

  it('repeats what the controller has not got, and nothing that it has acknowledged', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const before = await startLongRun(address);
    const { sequence } = await before.until('stageProgress');
    before.acknowledge(sequence);
    await before.until('stageProgress');
    before.close();
    await before.closed;
    const after = attachTo(address, before, { lastSequence: 1n });
    await after.until('stageProgress');
    expect(numbersOf(after)[0]).toBe(Number(sequence) + 1);
  });

  it('carries out each command once, however often it is sent', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const before = await startLongRun(address);
    const { lastCommand } = await before.until('stageProgress');
    expect(Number(lastCommand)).toBe(before.sequence);
    before.close();
    await before.closed;
    const after = attachTo(address, before);
    await after.until('attached');
    const value = { $typeName: 'sai3bench.agent.v1.FinishRun' } as const;
    after.send({ case: 'finishRun', value }, before.sequence);
    await after.until('stageProgress');
    expect(eventsOf(after, 'runFailed')).toEqual([]);
  });

  it('stops all work when no controller comes back in time, and keeps the results', async () => {
    const { address, output, runFiles } = await startAgent('--listen', '127.0.0.1:0');
    const before = await startLongRun(address, { reconnectGraceMs: 200 });
    before.close();
    const { client } = connectTo(address);
    let runId = 'run';
    while (runId !== '') ({ runId } = await client.getInfo({}));
    expect(output()).toContain('✗ the controller has been away for');
    expect(runFiles()).toHaveLength(1);
    const after = attachTo(address, before);
    // Whoever comes later hears why.
    expect((await after.until('runFailed')).event.value).toMatchObject({
      error: {
        code: 'CONTROLLER_AWAY',
        message: expect.stringMatching(/away for .*, longer than reconnect_grace \(200ms\)/),
      },
    });
    const { sequence } = await after.until('stageSummary');
    await after.until('runEnded');
    expect(await after.closed).toBeUndefined();
    expect(runFiles()).toHaveLength(1);
    // The stream stays open until the controller has said that it has everything.
    const late = attachTo(address, after, { lastSequence: 0n, takesOver: true });
    await late.until('runEnded');
    late.acknowledge(sequence);
    await late.closed;
    expect(runFiles()).toEqual([]);
  });

  it('keeps what its controller has said when it ended the run', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const before = await startLongRun(address);
    before.abort('the disk is full');
    await before.until('runEnded');
    before.close();
    const after = attachTo(address, before, { lastSequence: 0n, takesOver: true });
    expect((await after.until('runEnded')).event.value).toMatchObject({
      reason: 'the disk is full',
    });
    expect(eventsOf(after, 'runFailed')).toEqual([]);
  });

  it('is free for another run while the results of the last one wait for their controller', async () => {
    const { address, temporary } = await startAgent('--listen', '127.0.0.1:0');
    const before = await startLongRun(address, { reconnectGraceMs: 100 });
    before.close();
    const { client } = connectTo(address);
    let runId = 'run';
    while (runId !== '') ({ runId } = await client.getInfo({}));
    const next = openRun(address, 'next');
    next.start(
      'target: "null:"\nduration: 1s\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]',
    );
    await next.until('ready');
    expect(readdirSync(temporary)).toHaveLength(2);
  });
});

describe('a controller that takes over', () => {
  it('is told the state of the run and everything of the stage that an earlier one has acknowledged', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const before = await startLongRun(address);
    await before.until('stageProgress');
    const { sequence } = await before.until('stageProgress');
    before.acknowledge(sequence);
    await before.until('stageProgress');
    before.close();
    await before.closed;
    const after = attachTo(address, before, {
      ...{ lastSequence: 0n, takesOver: true, controllerId: 'another' },
    });
    const attached = (await after.until('attached')).event.value as EventOf<'attached'>;
    expect(attached).toMatchObject({ state: 'running', stage: 1 });
    await after.until('ready');
    after.abort();
    const summary = (await after.until('stageSummary')).event.value as EventOf<'stageSummary'>;
    const rest = eventsOf(after, 'stageProgress');
    expect(operationsIn(attached.acknowledged?.stats)).toBeGreaterThan(0);
    expect(
      rest.reduce(
        (sum, { stats }) => sum + operationsIn(stats),
        operationsIn(attached.acknowledged?.stats),
      ),
    ).toBe(operationsIn(summary.stats));
  });

  it('is told again of a stage that was loaded before', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const before = openRun(address);
    before.start(
      'target: "null:"\nduration: 1s\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]',
    );
    await before.until('ready');
    before.load(1);
    const { sequence } = await before.until('stageLoaded');
    before.acknowledge(sequence);
    const { client } = connectTo(address);
    let { unacknowledged } = await client.getRun({ runId: 'run' });
    while (unacknowledged > 0) ({ unacknowledged } = await client.getRun({ runId: 'run' }));
    before.close();
    await before.closed;
    const after = attachTo(address, before, { lastSequence: 0n, takesOver: true });
    expect((await after.until('stageLoaded')).sequence).toBeGreaterThan(sequence);
  });

  it('is refused while another holds the stream of the run', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const before = await startLongRun(address);
    const after = attachTo(address, before, { controllerId: 'another', takesOver: true });
    expect(String(await after.closed)).toContain('is driven by another controller');
    await before.until('stageProgress');
  });

  it('is refused by an agent that knows nothing of the run', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const run = openRun(address, 'unknown');
    run.attach({});
    expect(String(await run.closed)).toContain('knows nothing of run unknown');
  });
});

describe('a run without a stream', () => {
  it('says how it is doing', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const run = await startLongRun(address);
    const { client } = connectTo(address);
    const status = await client.getRun({ runId: 'run' });
    expect(status).toMatchObject({
      ...{ agentId: 'agent-1', state: 'running', stage: 1, stageName: 'execute' },
      controllerConnected: true,
    });
    expect(status.operations).toBeGreaterThan(0n);
    run.close();
    await run.closed;
    let connected = true;
    while (connected) {
      ({ controllerConnected: connected } = await client.getRun({ runId: 'run' }));
    }
    await expect(client.getRun({ runId: 'other' })).rejects.toThrow('knows nothing of run other');
  });

  it('can be stopped; its controller is told by whom', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const run = await startLongRun(address);
    const { client } = connectTo(address);
    await client.stopRun({ runId: 'run', reason: 'somebody said so' });
    expect((await client.getInfo({})).runId).toBe('');
    expect((await run.until('runFailed')).event.value).toMatchObject({
      error: { code: 'RUN_STOPPED', message: 'the run was stopped: somebody said so' },
    });
    await run.until('runEnded');
  });

  it('ends a stage on demand, and goes on with the next', async () => {
    const { address } = await startAgent('--listen', '127.0.0.1:0');
    const run = await startLongRun(address);
    const value = { $typeName: 'sai3bench.agent.v1.StopStage', stage: 1, reason: 'test' } as const;
    run.send({ case: 'stopStage', value });
    expect((await run.until('stageSummary')).event.value).toMatchObject({ outcome: 2 });
    run.load(1);
    await run.until('stageLoaded');
    run.begin(1);
    await run.until('stageProgress');
    run.abort();
    await run.until('runEnded');
  });
});
