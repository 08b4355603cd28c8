import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { expectAllOnTheStore, type PutRun, startPutRun } from './support/put-run.ts';
import { objectsBelow, putsOfAgent, untilPutsAreKnown } from './support/store-totals.ts';
import { countOf, readResult } from './support/tables.ts';
import { until } from './support/until.ts';
import { inWorkspace } from './support/workspace.ts';

const started = new ProxiedAgents();
let well: ProxiedAgent;
let victim: ProxiedAgent;

beforeAll(async () => {
  [well, victim] = await Promise.all([started.start(), started.start()]);
});
afterAll(() => started.stop());

/** What both sides say when a link breaks and is made anew. */
function expectAwayAndBack(run: PutRun): void {
  expect(run.output()).toMatch(/agent-2 .*waiting up to 30s for it; if it is alive it goes on/);
  expect(run.output()).toMatch(/agent-2 is back after .*: nothing was lost/);
  expect(victim.output()).toContain('The link to the controller is lost');
  expect(victim.output()).toContain('The controller is back after');
}

/** Waits until the second agent is at work in the execute stage. */
async function untilAtWork(run: PutRun): Promise<void> {
  await run.printed('Stage 2/2: execute');
  await until(() => objectsBelow(join(run.data, 'agent-2')) > 0, run);
}

/** Whether an agent has told what it has done in the execute stage, which is over for it then. */
function hasEndedStage(run: PutRun, id: string): boolean {
  const isThere = existsSync(join(run.results(), 'agents', id, 'results.tsv'));
  return isThere && putsOfAgent(run.results(), id, 'execute') > 0;
}

const PATIENT = '{reconnect_grace: 30s}';
/** Of a link over which nothing comes any more, only pings tell; those of a busy machine may be late too. */
const PINGED =
  '{reconnect_grace: 30s, grpc_keepalive_interval: 500ms, grpc_keepalive_timeout: 500ms}';

describe('a link that breaks and comes back within reconnect_grace', () => {
  it.each([
    ['cut for two seconds', 'cut', 2_000, PATIENT, /Reconnect Count: 1\n/],
    ['reset', 'reset', 0, PATIENT, /Reconnect Count: 1\n/],
    ['half-open', 'forget', 1_000, PINGED, /Reconnect Count: [1-9]/],
    ['stalled for longer than a ping may take', 'stall', 1_000, PINGED, /Reconnect Count: [1-9]/],
  ] as const)('(%s) costs nothing', async (_, fault, lastsMs, distributed, count) => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, [well, victim], { distributed });
      await untilAtWork(run);
      victim.proxy[fault]();
      await run.printed(/agent-2 .*if it is alive/);
      await wait(lastsMs);
      victim.proxy.heal();
      expect(await run.ended).toBe(0);
      expectAllOnTheStore(run);
      expectAwayAndBack(run);
      expect(readResult(run.results(), 'STATUS.txt')).toMatch(count);
    });
  });

  it('costs nothing either when it breaks again and again, and while the stage ends', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, [well, victim], { distributed: PATIENT });
      await run.printed('Stage 2/2: execute');
      for (let round = 0; round < 5; round++) {
        await wait(200);
        for (const { proxy } of [well, victim]) proxy.cut();
        await wait(100);
        for (const { proxy } of [well, victim]) proxy.heal();
      }
      victim.proxy.cut();
      await until(() => hasEndedStage(run, 'agent-1'), run);
      victim.proxy.heal();
      expect(await run.ended).toBe(0);
      expectAllOnTheStore(run);
    });
  });

  it('costs nothing in stages that prepare and clean up either', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, [well, victim], {
        distributed: PATIENT,
        duration: '1s',
        more: 'prepare: {cleanup: true, ensure_objects: [{base_uri: base/, count: 500, size_spec: 100}]}',
      });
      // No agent can report the end of a stage before its link is cut, however little the stage takes.
      victim.proxy.slowDown({ delayMs: 100 });
      for (const stage of ['Stage 2/4: prepare', 'Stage 4/4: cleanup']) {
        await run.printed(stage);
        victim.proxy.cut();
        await wait(400);
        victim.proxy.heal();
      }
      expect(await run.ended).toBe(0);
      victim.proxy.slowDown({ delayMs: 0 });
      const results = run.results();
      expect(run.output().match(/agent-2 is back after .*: nothing was lost/g)).toHaveLength(2);
      expect(countOf(results, '02_prepare_results.tsv', 'PUT')).toBe(1_000);
      const puts = countOf(results, '03_execute_results.tsv', 'PUT');
      expect(countOf(results, '04_cleanup_results.tsv', 'DELETE')).toBe(1_000 + puts);
      expect(objectsBelow(run.data)).toBe(0);
    });
  });
});

describe('a link that is slow', () => {
  it.each([
    ['200 ms each way', { delayMs: 200 }],
    ['1 Mbit/s', { bytesPerSecond: 125_000 }],
  ])('(%s) changes nothing but the time that is waited', async (_, speed) => {
    await inWorkspace(async (workspace) => {
      for (const { proxy } of [well, victim]) proxy.slowDown(speed);
      const run = startPutRun(workspace, [well, victim], { distributed: '{reconnect_grace: 30s}' });
      expect(await run.ended).toBe(0);
      for (const { proxy } of [well, victim]) {
        proxy.slowDown({ delayMs: 0, bytesPerSecond: Infinity });
      }
      expectAllOnTheStore(run);
      expect(run.output()).not.toContain('if it is alive');
    });
  });

  it('(stalls of 300 ms) changes nothing at all', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, [well, victim], { distributed: '{reconnect_grace: 30s}' });
      await run.printed('Stage 2/2: execute');
      for (let round = 0; round < 4; round++) {
        victim.proxy.stall();
        await wait(300);
        victim.proxy.heal();
        await wait(200);
      }
      expect(await run.ended).toBe(0);
      expectAllOnTheStore(run);
      expect(run.output()).not.toContain('if it is alive');
    });
  });
});

describe('a link that stays broken for longer than reconnect_grace', () => {
  const barrier = (type: string): string =>
    `{reconnect_grace: 3s, barrier_sync: {execute: {type: ${type}}}}`;

  async function runWithLostAgent(
    type: string,
    check: (run: PutRun, exitCode: number | NodeJS.Signals) => void,
  ): Promise<void> {
    const lost = await started.start();
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, [well, lost, victim], {
        distributed: barrier(type),
        duration: type === 'all_or_nothing' ? '60s' : '6s',
      });
      await run.printed('Stage 2/2: execute');
      await untilPutsAreKnown(run, run.results(), 'agents/agent-2/perf_log.tsv');
      lost.proxy.cut();
      const exitCode = await run.ended;
      expect(run.output()).toMatch(
        /agent-2 failed in stage execute: .* broke; it was away for longer than reconnect_grace \(3 s\)/,
      );
      const results = run.results();
      expect(readResult(results, 'STATUS.txt')).toContain('TEST STATUS: FAILURE');
      expect(readResult(results, '02_execute_results.tsv')).toMatch(/# Partial.*agent-2/);
      for (const id of ['agent-1', 'agent-3']) {
        expect(putsOfAgent(results, id, 'execute')).toBe(objectsBelow(join(run.data, id)));
      }
      const known = putsOfAgent(results, 'agent-2', 'execute');
      expect(known).toBeGreaterThan(0);
      // The agent has stopped by itself, and keeps what nobody has come for.
      await lost.printed(/the controller has been away for .*, longer than reconnect_grace/);
      await lost.printed('are kept in');
      const there = objectsBelow(join(run.data, 'agent-2'));
      expect(known).toBeLessThanOrEqual(there);
      await wait(300);
      expect(objectsBelow(join(run.data, 'agent-2'))).toBe(there);
      check(run, exitCode);
    });
  }

  it('ends the run at an all_or_nothing barrier', async () => {
    await runWithLostAgent('all_or_nothing', (run, exitCode) => {
      expect(exitCode).toBe(1);
      expect(run.output()).toContain('⚠ Stopping all agents: agent-2 failed');
      expect(run.output()).toContain('✗ Run FAILED');
    });
  });

  it.each(['majority', 'best_effort'])('is gone on without at a %s barrier', async (type) => {
    await runWithLostAgent(type, (run, exitCode) => {
      expect(exitCode).toBe(1);
      expect(run.output()).toContain('going on without agent-2');
      expect(run.output()).toContain('Run completed, but not by all agents');
    });
  });
});
