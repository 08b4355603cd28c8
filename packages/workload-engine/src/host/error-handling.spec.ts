import { afterEach, describe, expect, it } from '@jest/globals';
import { OperationStats } from '@sai3bench/stats';
import type { IntervalProgress } from './host-messages.ts';
import {
  type FaultMatch,
  type FaultRule,
  type S3TestServer,
  startS3TestServer,
} from '@sai3bench/s3-test-server';
import { planOf, stageList, type StageRecord, TestHost } from '../testing/run-plan.ts';

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** Longer than any test: a slot that pauses so long does nothing more. */
const FOR_EVER = '1h';
const CONCURRENCY = 4;
/** Of the mix, where it is not given up. */
const OPERATIONS = 200;

/** What came of a run of a prepare stage and a stage with a mix, which only puts. */
interface Outcome {
  readonly server: S3TestServer;
  readonly notices: readonly string[];
  readonly prepare: StageRecord | undefined;
  readonly execute: StageRecord | undefined;
}

/**
 * Runs stages while requests fail as a rule says, with what the workload says of errors.
 *
 * @param during is told when the last of them has begun
 */
async function run(
  rule: FaultRule,
  handling: string | undefined,
  during?: (host: TestHost) => void,
): Promise<Outcome> {
  const server = await startS3TestServer({ buckets: ['bucket'] });
  undo.push(() => server.stop());
  for (const [name, value] of Object.entries(server.env)) {
    process.env[name] = value;
    undo.push(() => Reflect.deleteProperty(process.env, name));
  }
  server.faults.add(rule);
  const host = new TestHost(
    planOf(`
target: s3://${server.host}/bucket/set/
concurrency: ${String(CONCURRENCY)}
enable_metadata_cache: false
prepare: {ensure_objects: [{base_uri: d/, count: 500, size_spec: 100}]}
workload: [{op: put, path: new/, object_size: 100, weight: 1}]
distributed: {stages: ${stageList('prepare', OPERATIONS)}}
${handling === undefined ? '' : `error_handling: ${handling}`}
`),
    1,
  );
  undo.push(() => host.kill());
  await host.open();
  const [prepare, execute] = await host.runStages([0, 1], (stage) => {
    if (stage === 1) during?.(host);
  });
  return { server, notices: host.notices, prepare, execute };
}

/** Every operation in flight has failed, and that was told a second ago at least. */
async function untilPausedForASecond({ progress }: TestHost): Promise<void> {
  const failedIn = (intervals: readonly IntervalProgress[]): number => {
    const stats = new OperationStats();
    for (const interval of intervals) stats.add(interval.stats);
    return stats.errors();
  };
  while (failedIn(progress.slice(0, -1)) < CONCURRENCY)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

/** PUTs of the mix. */
function putsOfTheMix(more: Pick<FaultMatch, 'every' | 'skip' | 'times'> = {}): FaultMatch {
  return { operation: 'PutObject', key: /\/new\//, ...more };
}

describe('error_handling in a stage with a mix', () => {
  const busy = { kind: 'error', code: 'SlowDown' } as const;

  it('is not there by itself: errors that pass are counted, and nothing else', async () => {
    const { execute, notices } = await run(
      { match: putsOfTheMix({ every: 2 }), fault: busy },
      undefined,
    );
    expect(execute?.report.outcome).toBe('completed');
    expect(execute?.stats.errors()).toBe(OPERATIONS / 2);
    expect(notices).toEqual([]);
  });

  it('gives it up when as much has failed as max_total_errors says, whatever failed', async () => {
    const { execute } = await run(
      { match: putsOfTheMix({ every: 2 }), fault: busy },
      '{max_total_errors: 20, error_rate_threshold: 1e6}',
    );
    expect(execute?.report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'STAGE_GIVEN_UP', class: 'throttled' },
    });
    expect(execute?.report.failure?.message).toMatch(
      /\d+ operations failed, and error_handling.max_total_errors is 20/,
    );
    expect(execute?.stats.errors()).toBeGreaterThanOrEqual(20);
    expect(execute?.stats.errors()).toBeLessThan(20 + CONCURRENCY);
  });

  it('gives it up when so many fail in a row as max_consecutive_errors says', async () => {
    const handling =
      '{max_total_errors: 1_000_000, max_consecutive_errors: 30, error_rate_threshold: 1e6}';
    const failing = await run({ match: putsOfTheMix({ skip: 10 }), fault: busy }, handling);
    expect(failing.execute?.report.failure?.message).toMatch(
      /\d+ operations failed in a row, and error_handling.max_consecutive_errors is 30/,
    );
    expect(failing.execute?.stats.operationCount()).toBe(10);
    const mixed = await run({ match: putsOfTheMix({ every: 2 }), fault: busy }, handling);
    expect(mixed.execute?.report.outcome).toBe('completed');
    expect(mixed.execute?.stats.errors()).toBe(OPERATIONS / 2);
  });

  it('pauses for backoff_duration what fails faster than error_rate_threshold, and says so', async () => {
    const { execute, notices } = await run(
      { match: putsOfTheMix(), fault: busy },
      `{error_rate_threshold: 0, backoff_duration: ${FOR_EVER}}`,
      (host) => {
        void untilPausedForASecond(host).then(() => {
          host.stop();
        });
      },
    );
    // Each operation in flight has failed once, and paused until the stage was over.
    expect(execute?.stats.errors()).toBe(CONCURRENCY);
    expect(notices).toEqual([
      expect.stringContaining('⚠ In stage execute operations failed faster than error_handling'),
    ]);
  });

  it('tries operations again with retry_on_error, at most max_retries times', async () => {
    const twice = '{retry_on_error: true, max_retries: 2, initial_retry_delay_ms: 1}';
    const passing = await run({ match: putsOfTheMix({ skip: 50, times: 2 }), fault: busy }, twice);
    expect(passing.execute?.stats.errors()).toBe(0);
    expect(passing.execute?.stats.retries()).toBe(2);
    const failing = await run(
      { match: putsOfTheMix(), fault: busy },
      '{retry_on_error: true, max_retries: 2, initial_retry_delay_ms: 0, max_total_errors: 6}',
    );
    const { execute } = failing;
    // Those that were under way when the sixth failed may have had fewer attempts.
    expect(execute?.stats.errors()).toBeGreaterThanOrEqual(6);
    expect(execute?.stats.retries()).toBeGreaterThanOrEqual(6 * 2);
    expect(execute?.stats.retries()).toBeLessThanOrEqual((6 + CONCURRENCY) * 2);
  });
});

describe('error_handling in a prepare stage', () => {
  const busy = { kind: 'error', code: 'SlowDown' } as const;
  const denied = { kind: 'error', code: 'AccessDenied' } as const;
  const prepared = { operation: 'PutObject', key: /\/d\// } as const;

  it('gives it up when as much has failed as max_total_errors says', async () => {
    const { prepare } = await run(
      { match: { ...prepared, every: 2 }, fault: denied },
      '{max_total_errors: 7, error_rate_threshold: 1e6}',
    );
    expect(prepare?.report.failure?.message).toContain('error_handling.max_total_errors is 7');
    expect(prepare?.stats.errors()).toBeGreaterThanOrEqual(7);
    expect(prepare?.stats.errors()).toBeLessThan(7 + CONCURRENCY);
  });

  it.each([
    { what: 'is overloaded', fault: busy, errorClass: 'throttled' },
    {
      what: 'resets all connections',
      fault: { kind: 'reset-request', afterBodyBytes: 0 } as const,
      errorClass: 'network',
    },
  ])('sees what is put off when the storage $what', async ({ errorClass, fault }) => {
    const { prepare } = await run(
      { match: { ...prepared, skip: 10 }, fault },
      '{max_total_errors: 1_000_000, max_consecutive_errors: 6, error_rate_threshold: 1e6}',
    );
    expect(prepare?.report).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'STAGE_GIVEN_UP',
        message: expect.stringContaining(
          'operations failed in a row, and error_handling.max_consecutive_errors is 6',
        ),
      },
      // What was put off is not made any more: it has failed.
      errors: [{ operation: 'PUT', class: errorClass }],
    });
    expect(prepare?.stats.operationCount()).toBe(10);
    expect(prepare?.stats.errors()).toBeGreaterThanOrEqual(6);
    expect(prepare?.stats.errors()).toBeLessThan(6 + CONCURRENCY);
    expect(prepare?.progress.at(-1)).toMatchObject({ putOff: 0 });
  });

  it('pauses after what is put off, which is no error once it is made', async () => {
    const { notices, prepare } = await run(
      { match: { ...prepared, key: /\/d\/prepared-00000250/, times: 4 }, fault: busy },
      '{error_rate_threshold: 0, backoff_duration: 10ms}',
    );
    expect(prepare?.report).toMatchObject({ outcome: 'completed', errors: [] });
    expect(prepare?.stats.operationCount()).toBe(500);
    expect(notices).toEqual([
      expect.stringMatching(/In stage prepare .*: 1 failures were followed by a pause, 10ms/),
    ]);
  });

  it('takes more errors than it would by itself, where it is told to', async () => {
    const { prepare } = await run(
      { match: { ...prepared, every: 3 }, fault: denied },
      '{max_total_errors: 1000, error_rate_threshold: 1e6}',
    );
    expect(prepare?.report.failure).toMatchObject({
      code: 'STAGE_INCOMPLETE',
      message: '166 of 500 objects could not be created',
    });
  });

  it('pauses for backoff_duration', async () => {
    const { notices, prepare } = await run(
      { match: { ...prepared, times: 20 }, fault: denied },
      '{error_rate_threshold: 0, backoff_duration: 10ms}',
    );
    expect(prepare?.stats.errors()).toBe(20);
    expect(notices).toEqual([
      expect.stringMatching(/In stage prepare .*: 20 failures were followed by a pause, 200ms/),
    ]);
  });
});
