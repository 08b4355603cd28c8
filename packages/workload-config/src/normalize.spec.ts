import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { normalizeWorkload } from './normalize.ts';
import { parseAgentPlan } from './plan/parse-plan.ts';
import { workloadSchema } from './schema/workload.ts';
import { planNamedAgents, semanticProblems } from './semantic-problems.ts';
import type { Workload } from './workload/workload.ts';

/** A workload as it is understood. */
function understand(yaml: string): Workload {
  return normalizeWorkload(workloadSchema.parse(parse(yaml)), () => undefined);
}

const OBJECTS = 'ensure_objects: [{count: 10}]';

describe('normalizeWorkload()', () => {
  it('has the defaults of keys that a file does not have', () => {
    expect(understand(`target: s3://b/\nprepare: {${OBJECTS}}`)).toMatchObject({
      prepare: {
        strategy: 'sequential',
        forceOverwrite: false,
        skipVerification: false,
        postDelayMs: 0,
      },
      cleanup: { mode: 'tolerant', only: false },
      verify: 'length',
      dynamicPutPool: false,
      metadataCache: { enabled: true, directory: undefined, checkpointIntervalMs: 300_000 },
      errorHandling: undefined,
    });
  });

  it('carries every key into the plans of the agents, and over the wire', () => {
    const workload = understand(`
target: s3://b/
verify: sample
enable_metadata_cache: false
cache_checkpoint_interval_secs: 60
error_handling: {max_total_errors: 7, max_consecutive_errors: 3, error_rate_window: 2.5, retry_on_error: true, max_retries: 1}
prepare:
  ${OBJECTS}
  prepare_strategy: parallel
  force_overwrite: true
  skip_verification: true
  post_prepare_delay: 2m
  cleanup_mode: best_effort
distributed:
  kv_cache_dir: /var/cache
  agents: [{address: "a:1"}, {address: "b:1", kv_cache_dir: /mnt/nvme}]
`);
    const plans = planNamedAgents(workload);
    expect(plans[0]).toMatchObject({
      prepare: {
        strategy: 'parallel',
        forceOverwrite: true,
        skipVerification: true,
        postDelayMs: 120_000,
      },
      cleanup: { mode: 'besteffort', only: false },
      verify: 'sample',
      errorHandling: {
        maxTotalErrors: 7,
        maxConsecutiveErrors: 3,
        maxErrorsPerSecond: 5,
        errorRateWindowMs: 2500,
        pauseMs: 5000,
        retry: {
          maxRetries: 1,
          initialDelayMs: 100,
          maxDelayMs: 5000,
          multiplier: 2,
          jitter: 0.25,
        },
      },
    });
    expect(plans.map(({ metadataCache }) => metadataCache)).toEqual([
      { enabled: false, directory: '/var/cache', checkpointIntervalMs: 60_000 },
      { enabled: false, directory: '/mnt/nvme', checkpointIntervalMs: 60_000 },
    ]);
    for (const plan of plans) expect(parseAgentPlan(JSON.stringify(plan))).toEqual(plan);
  });

  it('carries every key of s3 into the plans of the agents, and over the wire', () => {
    const workload = understand(`
target: s3://b/
prepare: {${OBJECTS}}
s3:
  transport: fast
  addressing: virtual-host
  payload: crc64nvme
  region: eu-north-1
  keep_alive: false
  local_address: 10.0.0.1
  connect_timeout: 1s
  idle_timeout: 2s
  total_timeout: 3m
  multipart: {threshold: 1GiB, part_size: 8MiB, parallel: 2}
  tls: {ca: ca.pem, cert: cert.pem, key: key.pem, servername: s3.test, insecure: true, min_version: TLSv1.3}
distributed: {agents: [{address: "a:1"}]}
`);
    const [plan] = planNamedAgents(workload);
    expect(plan?.s3).toEqual({
      transport: 'fast',
      addressing: 'virtual-host',
      payload: 'crc64nvme',
      region: 'eu-north-1',
      keepAlive: false,
      localAddress: '10.0.0.1',
      connectTimeoutMs: 1_000,
      idleTimeoutMs: 2_000,
      totalTimeoutMs: 180_000,
      multipart: { thresholdBytes: 1024 ** 3, partBytes: 8 * 1024 ** 2, parallel: 2 },
      tls: {
        caPath: 'ca.pem',
        certPath: 'cert.pem',
        keyPath: 'key.pem',
        servername: 's3.test',
        insecure: true,
        minVersion: 'TLSv1.3',
      },
    });
    expect(parseAgentPlan(JSON.stringify(plan))).toEqual(plan);
  });

  it('tries nothing again unless told to', () => {
    const { errorHandling } = understand('error_handling: {}');
    expect(errorHandling).toMatchObject({
      ...{ maxTotalErrors: 100, maxConsecutiveErrors: undefined, retry: undefined },
    });
  });

  it.each([
    ['prepare: {force_overwrite: true, skip_verification: true}', 'has no effect'],
    [
      'prepare: {skip_verification: true}\nworkload: [{op: get, path: a, weight: 1}]',
      'takes every object to be there',
    ],
    [
      'error_handling: {initial_retry_delay_ms: 5, max_retry_delay_ms: 4}',
      'every delay is that long',
    ],
  ])('has a note on %j', (yaml, note) => {
    expect(understand(yaml).notes).toEqual([expect.stringContaining(note)]);
  });
});

describe('cleanup_only', () => {
  const only = (more: string): string =>
    `target: s3://b/\nprepare: {cleanup_only: true, ${OBJECTS}}\n${more}`;
  const problems = (yaml: string): string[] =>
    semanticProblems(workloadSchema.parse(parse(yaml)), understand(yaml)).map(
      ({ message }) => message,
    );

  it('leaves only what cleans up, and needs no workload', () => {
    const kinds = understand(only('')).stages.map(({ kind }) => kind);
    expect(kinds).toEqual(['validation', 'cleanup']);
    expect(problems(only(''))).toEqual([]);
  });

  it('takes the cleanup stages of a file that has stages, or one of its own', () => {
    const stages = (type: string): string =>
      `distributed: {stages: [{name: a, order: 1, type: prepare}, {name: b, order: 2, type: ${type}}]}`;
    expect(understand(only(stages('cleanup'))).stages.map(({ name }) => name)).toEqual(['b']);
    const [stage, ...others] = understand(only(stages('prepare'))).stages;
    expect(stage).toMatchObject({ name: 'cleanup', kind: 'cleanup' });
    expect(others).toEqual([]);
  });

  it('needs to know what to delete', () => {
    expect(problems('target: s3://b/\nprepare: {cleanup_only: true}')).toContainEqual(
      expect.stringContaining('needs prepare.ensure_objects'),
    );
  });
});
