import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { BucketView } from './support/bucket.ts';
import { ioProcesses } from './support/programs.ts';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { startPutRun } from './support/put-run.ts';
import { putsOfAgent } from './support/store-totals.ts';
import { countOf, readResult } from './support/tables.ts';
import { until, untilGone, untilIdle } from './support/until.ts';
import { inWorkspace } from './support/workspace.ts';

const OBJECTS = 300;
/** The bucket of the agent that is killed; the others share another. */
const OF_VICTIM = 'third';
/** In each stage, the requests of that agent of which some at most are answered, so that it is in the middle. */
const STAGES = {
  prepare: {
    table: '02_prepare_results.tsv',
    makes: 'base/',
    match: { bucket: OF_VICTIM, operation: 'PutObject', key: /base\/prepared-/, skip: 20 },
  },
  execute: {
    table: '03_execute_results.tsv',
    makes: 'new/',
    match: { bucket: OF_VICTIM, operation: 'PutObject', key: /new\//, skip: 20 },
  },
  cleanup: {
    table: '04_cleanup_results.tsv',
    makes: undefined,
    match: { bucket: OF_VICTIM, operation: 'DeleteObjects' },
  },
} as const;
type StageName = keyof typeof STAGES;

const started = new ProxiedAgents();
let s3: S3TestServer;
let bucket: BucketView;
let survivors: ProxiedAgent[] = [];
let runs = 0;

beforeAll(async () => {
  s3 = await startS3TestServer({ buckets: ['bucket', OF_VICTIM] });
  bucket = new BucketView(s3, 'bucket');
  survivors = await started.startSome(2, s3.env);
});
afterAll(async () => {
  await started.stop();
  bucket.close();
  await s3.stop();
});

interface Killing {
  readonly exitCode: number | NodeJS.Signals;
  readonly output: string;
  readonly results: string;
  /** How many objects of the survivors are there whose names begin so. */
  readonly left: (folder: string) => number;
}

/** Kills the third of three agents in a stage of a run whose barriers are of a type. */
async function killIn(
  stage: StageName,
  type: string,
  check: (killing: Killing) => void,
): Promise<void> {
  const victim = await started.start(s3.env);
  const { makes, match, table } = STAGES[stage];
  const folder = `${String(++runs)}/`;
  const hang = s3.faults.add({
    match,
    fault: { kind: 'stall-request', afterBodyBytes: 0 },
  });
  await inWorkspace(async (workspace) => {
    const barrier = `{type: ${type}}`;
    const agents = [
      ...survivors.map(({ address }) => `{address: "${address}"}`),
      `{address: "${victim.address}", target_override: "s3://${s3.host}/${OF_VICTIM}/${folder}"}`,
    ];
    const run = startPutRun(workspace, [...survivors, victim], {
      target: `s3://${s3.host}/bucket/${folder}`,
      duration: '1s',
      // An agent whose process is gone is not waited for.
      distributed: `{agents: [${agents.join()}], shared_filesystem: false, reconnect_grace: 60s, barrier_sync: {prepare: ${barrier}, execute: ${barrier}, cleanup: ${barrier}}}`,
      more: `drain_timeout: 60s\nprepare: {cleanup: true, ensure_objects: [{base_uri: base/, count: ${String(OBJECTS)}, size_spec: 100}]}`,
    });
    await until(() => hang.struck > 0, run);
    if (makes !== undefined) {
      for (const id of ['agent-1', 'agent-2']) {
        await until(async () => (await objectsIn(`${folder}${id}/${makes}`)) > 0, run);
      }
    }
    const orphans = ioProcesses(victim);
    victim.process.kill('SIGKILL');
    const exitCode = await run.ended;
    expect(orphans).toHaveLength(1);
    const [output, results] = [run.output(), run.results()];
    expect(output).toMatch(
      new RegExp(`✗ agent-3 failed in stage ${stage}: .* broke; its process has ended`),
    );
    const status = readResult(results, 'STATUS.txt');
    expect(status).toContain('TEST STATUS: FAILURE');
    expect(status).toContain('agent-3: Disconnected');
    expect(readResult(results, table)).toMatch(/# Partial.*agent-3/);
    await untilGone(orphans);
    await untilIdle(...survivors);
    const keys = [...(await bucket.objects()).keys()];
    const left = (name: string): number =>
      ofSurvivors((id) => keys.filter((each) => each.startsWith(`${folder}${id}/${name}`)).length);
    check({ exitCode, output, results, left });
  }).finally(() => {
    hang.remove();
  });
}

async function objectsIn(folder: string): Promise<number> {
  const keys = [...(await bucket.objects()).keys()];
  return keys.filter((key) => key.startsWith(folder)).length;
}

const ofSurvivors = (of: (id: string) => number): number => of('agent-1') + of('agent-2');

/**
 * What the tables say that the survivors have put is there, and no more than that besides which was under way when they
 * were stopped: one PUT of each.
 */
function expectObjectsOfSurvivors({ left, results }: Killing, folder: string, stage: string): void {
  const known = ofSurvivors((id) => putsOfAgent(results, id, stage));
  expect(known).toBeGreaterThan(0);
  expect(left(folder)).toBeGreaterThanOrEqual(known);
  expect(left(folder)).toBeLessThanOrEqual(known + survivors.length);
}

describe('an agent that is killed at all_or_nothing barriers', () => {
  it('while it prepares ends the run, and what the others have made is known', async () => {
    await killIn('prepare', 'all_or_nothing', (killing) => {
      expect(killing.exitCode).toBe(1);
      expect(killing.output).toContain('⚠ Stopping all agents: agent-3 failed');
      expect(killing.output).toContain('✗ Run FAILED');
      expectObjectsOfSurvivors(killing, 'base/', 'prepare');
    });
  });

  it('while it executes ends the run, and what the others have put is known', async () => {
    await killIn('execute', 'all_or_nothing', (killing) => {
      expect(killing.exitCode).toBe(1);
      expect(killing.output).toContain('⚠ Stopping all agents: agent-3 failed');
      expect(killing.output).toContain('✗ Run FAILED');
      expectObjectsOfSurvivors(killing, 'new/', 'execute');
      expect(countOf(killing.results, '02_prepare_results.tsv', 'PUT')).toBe(3 * OBJECTS);
    });
  });

  it('while it cleans up does not keep the others from cleaning up', async () => {
    await killIn('cleanup', 'all_or_nothing', ({ exitCode, left, output }) => {
      expect(exitCode).toBe(5);
      expect(output).toContain('✗ The measurement is complete, but cleaning up FAILED');
      expect(left('')).toBe(0);
    });
  });
});

describe.each(['majority', 'best_effort'])('an agent that is killed at %s barriers', (type) => {
  it.each(['prepare', 'execute', 'cleanup'] as const)(
    'while in %s is gone on without, and the others do everything',
    async (stage) => {
      await killIn(stage, type, ({ exitCode, left, output, results }) => {
        const isMeasured = stage === 'cleanup';
        expect(exitCode).toBe(isMeasured ? 5 : 1);
        expect(output).toContain('without agent-3');
        expect(output).toContain(
          isMeasured
            ? '✗ The measurement is complete, but cleaning up FAILED'
            : 'Run completed, but not by all agents',
        );
        expect(output).not.toContain('Stopping all agents');
        expect(ofSurvivors((id) => putsOfAgent(results, id, 'prepare'))).toBe(2 * OBJECTS);
        expect(ofSurvivors((id) => putsOfAgent(results, id, 'execute'))).toBeGreaterThan(0);
        expect(left('')).toBe(0);
      });
    },
  );
});
