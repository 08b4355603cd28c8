import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freeze } from './support/freeze.ts';
import { expectNextRunToWork } from './support/next-run.ts';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { expectAllOnTheStore, type PutRun, startPutRun } from './support/put-run.ts';
import { objectsBelow, putsOfAgent, untilPutsAreKnown } from './support/store-totals.ts';
import { readResult } from './support/tables.ts';
import { until, untilIdle } from './support/until.ts';
import { inWorkspace } from './support/workspace.ts';

const started = new ProxiedAgents();
let well: ProxiedAgent[] = [];

beforeAll(async () => {
  well = await started.startSome(2);
});
afterAll(() => started.stop());

/**
 * After a second of silence an agent is asked twice, and has a second to answer each time: more than a busy machine keeps
 * agents waiting that are well.
 */
const heartbeats = (type: string): string =>
  `{barrier_sync: {execute: {type: ${type}, heartbeat_interval: 500ms, missed_threshold: 2, query_timeout: 1s, query_retries: 1}}}`;

/** Waits until the third agent is at work in the execute stage. */
async function untilAtWork(run: PutRun): Promise<void> {
  await run.printed('Stage 2/2: execute');
  await until(() => objectsBelow(join(run.data, 'agent-3')) > 0, run);
}

describe('an agent that stands still', () => {
  it.each([
    ['the agent alone', false],
    ['it and its I/O, as when its whole host stands still', true],
  ])('(%s) for less than the heartbeat rules allow costs nothing', async (_, whole) => {
    const victim = await started.start();
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, [...well, victim], {
        distributed: '{barrier_sync: {execute: {type: all_or_nothing, heartbeat_interval: 10s}}}',
      });
      await untilAtWork(run);
      const thaw = freeze(victim, whole);
      await wait(1_200);
      thaw();
      expect(await run.ended).toBe(0);
      expectAllOnTheStore(run);
      expect(run.output()).not.toContain('if it is alive');
    });
  });

  it('for longer is lost and ends the run at an all_or_nothing barrier; it takes the next run', async () => {
    const victim = await started.start();
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, [...well, victim], {
        distributed: heartbeats('all_or_nothing'),
        duration: '60s',
      });
      await untilAtWork(run);
      await untilPutsAreKnown(run, run.results(), 'agents/agent-3/perf_log.tsv');
      const thaw = freeze(victim, false);
      await run.printed('has been silent for');
      expect(await run.ended).toBe(1);
      expect(run.output()).toMatch(
        /✗ agent-3 failed in stage execute: agent-3 at \S+ has been silent for \d+ s and does not answer questions/,
      );
      expect(run.output()).toContain('heartbeat_interval, missed_threshold and query_timeout');
      expect(run.output()).toContain('✗ Run FAILED');
      const results = run.results();
      expect(readResult(results, 'STATUS.txt')).toContain('agent-3: Disconnected');
      for (const id of ['agent-1', 'agent-2']) {
        expect(putsOfAgent(results, id, 'execute')).toBe(objectsBelow(join(run.data, id)));
      }
      thaw();
      await victim.printed('has ended; waiting for the next');
      const known = putsOfAgent(results, 'agent-3', 'execute');
      expect(known).toBeGreaterThan(0);
      expect(known).toBeLessThanOrEqual(objectsBelow(join(run.data, 'agent-3')));
      await untilIdle(victim);
      await expectNextRunToWork(workspace, ...well, victim);
    });
  });

  it.each(['majority', 'best_effort'])(
    'for longer is lost, and gone on without at a %s barrier',
    async (type) => {
      const victim = await started.start();
      await inWorkspace(async (workspace) => {
        // Long enough for it to be lost before the barrier is open to the others.
        const run = startPutRun(workspace, [...well, victim], {
          distributed: heartbeats(type),
          duration: '7s',
        });
        await untilAtWork(run);
        const thaw = freeze(victim, false);
        expect(await run.ended).toBe(1);
        expect(run.output()).toContain('has been silent for');
        expect(run.output()).toContain('going on without agent-3');
        expect(run.output()).toContain('Run completed, but not by all agents');
        const results = run.results();
        expect(readResult(results, '02_execute_results.tsv')).toMatch(/# Partial.*agent-3/);
        for (const id of ['agent-1', 'agent-2']) {
          expect(putsOfAgent(results, id, 'execute')).toBe(objectsBelow(join(run.data, id)));
        }
        thaw();
        await victim.printed('has ended; waiting for the next');
      });
    },
  );
});
