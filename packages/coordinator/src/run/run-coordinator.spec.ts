import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PlainPoolKnowledge } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import { parseTsv, ResultsDirectory } from '@sai3bench/results-dir';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { parseWorkload } from '@sai3bench/workload-config';
import { FakeAgent, type FakeBehavior } from '../testing/fake-agent.ts';
import { planRun } from './plan-run.ts';
import { coordinateRun } from './run-coordinator.ts';
import type { RunObserver } from './run-observer.ts';
import { exitCodeOf } from './run-outcome.ts';
import { StopSignal } from './stop-signal.ts';

const WORKLOAD = `
target: s3://b/
duration: 1s
prepare: {ensure_objects: [{count: 10}], cleanup: true}
workload: [{op: get, path: "*", weight: 1}]
`;
/** Stages of the workload by position. */
const [, PREPARE, EXECUTE, CLEANUP] = [0, 1, 2, 3];

let parent: TemporaryDirectory;

beforeEach(() => {
  parent = temporaryDirectory();
});
afterEach(() => {
  parent.remove();
});

interface RunSetup {
  readonly behaviors: readonly FakeBehavior[];
  readonly workload?: string;
  readonly stop?: StopSignal;
  readonly startDelayMs?: number;
  readonly startOver?: boolean;
  /** Called when the run waits after prepare. */
  readonly onSettling?: () => void;
  /** Called with the results directory before the run. */
  readonly before?: (results: ResultsDirectory) => void;
}

/** A run over fake agents, and everything that it left. */
async function run(setup: RunSetup) {
  const stop = setup.stop ?? new StopSignal();
  const fakes = setup.behaviors.map((behavior) => new FakeAgent(behavior));
  const results = ResultsDirectory.create(parent.path, 'test', new Date());
  setup.before?.(results);
  const events: string[] = [];
  const observer = new Proxy({} as RunObserver, {
    get: (_, name: string) => (first: unknown) => {
      const isText = typeof first === 'string';
      if (name === 'settling') setup.onSettling?.();
      if (name === 'objectsFound') events.push(`${name}: ${JSON.stringify(first)}`);
      if (name !== 'stageProgress') events.push(isText ? `${name}: ${first}` : name);
    },
  });
  const workload = parseWorkload(setup.workload ?? WORKLOAD, 'w.yaml');
  const agents = fakes.map((_, index) => ({
    id: `agent-${String(index + 1)}`,
    address: `fake:${String(index + 1)}`,
    entry: undefined,
  }));
  const outcome = await coordinateRun({
    workload,
    agents,
    plans: planRun(workload, agents, { runId: 'run', dataSeed: '1' }),
    connect: (address) => {
      const fake = fakes[Number(address.split(':')[1]) - 1];
      if (fake === undefined) throw new Error('no such agent');
      return fake.connect();
    },
    results,
    observer,
    stop,
    runId: 'run',
    version: '1.0.0',
    startDelayMs: setup.startDelayMs ?? 0,
    startOver: setup.startOver ?? false,
    startedAtMs: 1_771_457_009_000,
    metadata: {
      version: '1.0.0',
      test_name: 'test',
      config_path: 'w.yaml',
      command_line: ['sai3bench-ctl', 'run'],
      hostname: 'here',
      distributed: true,
      agents: [],
      data_seed: '1',
      config_hash: 'h',
      run_id: 'run',
    },
    nowNs: () => Number(process.hrtime.bigint()),
    now: () => new Date(),
  });
  results.close();
  const read = (name: string): string => readFileSync(join(results.path, name), 'utf8');
  return { outcome, fakes, events, read, path: results.path };
}

describe('coordinateRun()', () => {
  it('takes all agents through all stages and leaves their results', async () => {
    const behavior: FakeBehavior = {
      onStage: (agent) => {
        agent.progress(1, 7);
        agent.summary(7, 900);
      },
    };
    const { events, fakes, outcome, path, read } = await run({ behaviors: [behavior, behavior] });
    expect(outcome).toEqual({ kind: 'completed', failures: [], operations: 56, errors: 0 });
    expect(exitCodeOf(outcome)).toBe(0);
    expect(events.filter((event) => event === 'stageEnded')).toHaveLength(4);
    for (const { closed, commands } of fakes) {
      expect(commands.filter((command) => command === 'beginStage')).toHaveLength(4);
      expect(commands.filter((command) => command === 'acknowledge')).toHaveLength(4);
      expect(commands.at(-1)).toBe('finishRun');
      expect(closed).toBe(true);
    }
    const prepare = parseTsv(read('02_prepare_results.tsv'));
    expect(prepare.find((row) => row['operation'] === 'PUT')?.['count']).toBe('14');
    expect(read('STATUS.txt')).toContain('TEST STATUS: SUCCESS');
    expect(read('STATUS.txt')).toContain('Total operations: 56');
    const metadata = JSON.parse(read('metadata.json')) as Record<string, unknown>;
    expect(metadata['duration_secs']).toBeCloseTo(3.6, 5);
    expect(JSON.parse(read('agents/agent-2/metadata.json'))).toMatchObject({
      agent_id: 'agent-2',
      kernel: 'fake',
    });
    expect(existsSync(join(path, 'agents/agent-1/perf_log.tsv'))).toBe(true);
  });

  it('lets no agent begin a stage before all have ended the one before', async () => {
    let slowDone = false;
    let tooEarly = false;
    const { outcome } = await run({
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === EXECUTE && !slowDone) tooEarly = true;
            agent.summary(1, 1);
          },
        },
        {
          onStage: (agent, stage) => {
            const delayMs = stage === PREPARE ? 300 : 0;
            setTimeout(() => {
              if (stage === PREPARE) slowDone = true;
              agent.summary(1, 1);
            }, delayMs);
          },
        },
      ],
    });
    expect(outcome.kind).toBe('completed');
    expect(tooEarly).toBe(false);
  });

  it('orders one start instant, translated to the clock of each agent', async () => {
    const before = Number(process.hrtime.bigint()) + 5e9;
    const { fakes } = await run({ behaviors: [{}, {}] });
    const [a, b] = fakes.map(({ startsNs }) => startsNs);
    for (const [index, startNs] of (a ?? []).entries()) {
      // The fake clocks are 5 s ahead; they are measured to within half a round trip.
      expect(startNs).toBeGreaterThan(before);
      expect(Math.abs(startNs - (b?.[index] ?? 0))).toBeLessThan(20e6);
    }
  });

  it('counts down by whole seconds', async () => {
    const { events } = await run({ behaviors: [{}], startDelayMs: 1300 });
    expect(events.filter((event) => event === 'countdown')).toHaveLength(2);
    expect(events.indexOf('started')).toBeGreaterThan(events.lastIndexOf('countdown'));
  });

  it('acknowledges a summary only when it is on disk', async () => {
    const stagesOnDisk: (string | undefined)[] = [];
    await run({
      behaviors: [
        {
          onStage: (agent) => {
            agent.summary(2, 100);
          },
          onAcknowledge: () => {
            const [results = ''] = readdirSync(parent.path);
            const file = join(parent.path, results, 'agents/agent-1/results.tsv');
            stagesOnDisk.push(parseTsv(readFileSync(file, 'utf8')).at(-1)?.['stage']);
          },
        },
      ],
    });
    expect(stagesOnDisk).toEqual(['preflight', 'prepare', 'execute', 'cleanup']);
  });

  describe('before the run', () => {
    it('names every agent that speaks another protocol or is busy', async () => {
      const { events, outcome, read } = await run({
        behaviors: [{}, { protocolVersion: 99 }, { busyWith: 'other' }],
      });
      expect(outcome.kind).toBe('preflight-failed');
      expect(exitCodeOf(outcome)).toBe(3);
      expect(outcome.failures.map(({ agentId, error }) => [agentId, error.code])).toEqual([
        ['agent-2', 'AGENT_VERSION'],
        ['agent-3', 'AGENT_BUSY'],
      ]);
      expect(events).not.toContain('preflightStarted');
      expect(read('STATUS.txt')).toContain('agent-1: Not started');
      expect(read('STATUS.txt')).toContain('Completed: 0');
      expect(read('STATUS.txt')).toContain('agent-3: agent-3 at fake:3 is busy with run other');
    });

    it('finds out that two addresses lead to one agent', async () => {
      const { outcome } = await run({
        behaviors: [{ instanceId: 'x' }, { instanceId: 'y' }, { instanceId: 'x' }],
      });
      expect(outcome.kind).toBe('preflight-failed');
      expect(outcome.failures).toMatchObject([
        { agentId: 'agent-3', error: { code: 'AGENT_TWICE' } },
      ]);
    });

    it('warns of an agent of another version that speaks the same protocol', async () => {
      const { events, outcome } = await run({ behaviors: [{ version: '1.0.1' }] });
      expect(outcome.kind).toBe('completed');
      expect(events.join()).toContain('warning: agent-1 runs version 1.0.1');
    });

    it('starts nothing when a check fails anywhere', async () => {
      const { fakes, outcome } = await run({
        behaviors: [
          {},
          {
            findings: [
              {
                level: 'error',
                class: 'AUTH',
                check: 'bucket',
                target: 's3://b/',
                message: 'unknown key',
                hint: 'set it',
              },
            ],
          },
        ],
      });
      expect(outcome.kind).toBe('preflight-failed');
      expect(outcome.failures).toMatchObject([
        { agentId: 'agent-2', error: { message: '[AUTH] unknown key', hint: 'set it' } },
      ]);
      expect(fakes.flatMap(({ commands }) => commands)).toEqual([]);
    });

    it('gives up on agents that do not become ready in time', async () => {
      const { fakes, outcome } = await run({
        behaviors: [{}, { neverReady: true }],
        workload: `${WORKLOAD}\ndistributed: {agent_ready_timeout: 200ms}`,
      });
      expect(outcome.kind).toBe('failed');
      expect(outcome.failures).toMatchObject([
        { agentId: 'agent-2', stage: undefined, error: { code: 'AGENT_NOT_READY' } },
      ]);
      expect(fakes.map(({ commands }) => commands.includes('abortRun'))).toEqual([true, true]);
    });

    it('gives up on agents that do not get ready for a stage in time', async () => {
      const { events, outcome, path } = await run({
        behaviors: [{}, { neverLoads: true }],
        workload: `${WORKLOAD}\ndistributed: {agent_ready_timeout: 1200ms}`,
      });
      expect(outcome).toMatchObject({
        kind: 'failed',
        failures: [{ agentId: 'agent-2', stage: 'preflight', error: { code: 'STAGE_NOT_LOADED' } }],
      });
      expect(events).toContain('waitingForStage');
      expect(readdirSync(path)).not.toContain('01_preflight_results.tsv');
    });

    it('begins no stage when an agent is lost during the countdown', async () => {
      const { events, fakes, outcome, path } = await run({
        startDelayMs: 60_000,
        behaviors: [
          {},
          {
            onLoad: (agent) => {
              setTimeout(() => {
                agent.break();
              }, 50);
            },
          },
        ],
      });
      expect(outcome).toMatchObject({ kind: 'failed', failures: [{ agentId: 'agent-2' }] });
      expect(fakes[0]?.commands).not.toContain('beginStage');
      expect(events).toContain('countdown');
      expect(events).not.toContain('stageStarted');
      expect(readdirSync(path)).not.toContain('01_preflight_results.tsv');
    });
  });

  describe('when an agent fails', () => {
    const disk = new BenchError('PUT failed', {
      code: 'FILE_ENOSPC',
      class: 'resource',
      hint: 'free space',
    });
    const works: FakeBehavior = {
      onStage: (agent, stage) => {
        if (stage !== EXECUTE) agent.summary(1, 10);
      },
    };

    it('stops the others, keeps what was done, and names agent, stage and cause', async () => {
      const { events, fakes, outcome, read } = await run({
        behaviors: [
          works,
          {
            onStage: (agent, stage) => {
              if (stage !== EXECUTE) {
                agent.summary(1, 10);
                return;
              }
              agent.progress(1, 20);
              agent.fail(disk);
            },
          },
        ],
      });
      expect(outcome.kind).toBe('failed');
      expect(exitCodeOf(outcome)).toBe(1);
      expect(outcome.failures).toMatchObject([
        { agentId: 'agent-2', stage: 'execute', error: { code: 'FILE_ENOSPC' } },
      ]);
      expect(fakes[0]?.commands).toContain('abortRun');
      expect(events).toContain('failed: agent-2');
      expect(events).toContain('aborting: agent-2 failed');
      const text = read('03_execute_results.tsv');
      expect(text).toContain('# Partial: agent-2: PUT failed');
      // 20 of the failed agent's intervals, 3 of the aborted agent's last report.
      expect(parseTsv(text).find((row) => row['operation'] === 'PUT')?.['count']).toBe('23');
      const status = read('STATUS.txt');
      expect(status).toContain('agent-1: Aborting');
      expect(status).toContain('agent-2: Failed (PUT failed)');
      expect(status).toContain('agent-2 in stage execute: PUT failed');
      expect(status).toContain('1. free space');
      expect(status).toContain(`Total operations: ${String(4 + 23)}`);
    });

    it('says that the link broke when the agent is simply gone', async () => {
      const { outcome, read } = await run({
        behaviors: [
          works,
          {
            onStage: (agent, stage) => {
              if (stage === EXECUTE) agent.break();
              else agent.summary(1, 10);
            },
          },
        ],
      });
      expect(outcome.failures).toMatchObject([
        { agentId: 'agent-2', stage: 'execute', error: { code: 'AGENT_LOST' } },
      ]);
      expect(read('STATUS.txt')).toContain('agent-2: Disconnected');
    });

    it('fails when a stage failed on an agent', async () => {
      const { outcome } = await run({
        behaviors: [
          {
            onStage: (agent) => {
              agent.summary(0, 10, {
                outcome: 'failed',
                failure: {
                  code: 'STAGE_GIVEN_UP',
                  class: 'network',
                  message: 'given up',
                  attempts: 1,
                  retryable: false,
                  causes: ['ECONNREFUSED'],
                },
              });
            },
          },
        ],
      });
      expect(outcome).toMatchObject({ kind: 'failed', failures: [{ stage: 'preflight' }] });
    });

    it.each([
      ['a stage', EXECUTE],
      ['the first stage', 0],
    ])('fails when an agent ends the run by itself during %s', async (_, at) => {
      const { events, outcome, read } = await run({
        behaviors: [
          {},
          {
            onStage: (agent, stage) => {
              agent.summary(1, 10, { outcome: stage === at ? 'stopped' : 'completed' });
              if (stage === at) agent.end();
            },
          },
        ],
      });
      expect(outcome).toMatchObject({
        kind: 'failed',
        failures: [{ agentId: 'agent-2', error: { code: 'AGENT_STOPPED' } }],
      });
      expect(events).toContain('failed: agent-2');
      expect(read('STATUS.txt')).toContain('agent-2: Failed');
    });

    it('fails when an agent ended the run by itself between two stages', async () => {
      const { outcome } = await run({
        behaviors: [
          {
            onStage: (agent, stage) => {
              setTimeout(
                () => {
                  agent.summary(1, 10);
                },
                stage === PREPARE ? 200 : 0,
              );
            },
          },
          {
            onStage: (agent, stage) => {
              agent.summary(1, 10);
              if (stage === PREPARE) agent.end();
            },
          },
        ],
      });
      expect(outcome).toMatchObject({
        kind: 'failed',
        failures: [{ agentId: 'agent-2', error: { code: 'AGENT_STOPPED' } }],
      });
    });

    it('takes the reason that the agent gives for ending the run', async () => {
      const { outcome, read } = await run({
        behaviors: [
          {
            onStage: (agent, stage) => {
              if (stage === EXECUTE) {
                agent.report(disk);
                agent.summary(5, 10, { outcome: 'stopped' });
                agent.end();
              } else agent.summary(1, 10);
            },
          },
        ],
      });
      expect(outcome.failures).toMatchObject([
        { stage: 'execute', error: { code: 'FILE_ENOSPC' } },
      ]);
      // Its last report still counts.
      expect(outcome.operations).toBe(7);
      expect(read('03_execute_results.tsv')).toContain('# Partial: agent-1: PUT failed');
    });

    it('is a run that was not cleaned up when it fails after the last stage', async () => {
      const { outcome, read } = await run({
        behaviors: [
          {},
          {
            onFinish: (agent) => {
              agent.fail(disk);
            },
          },
        ],
      });
      expect(outcome.kind).toBe('cleanup-failed');
      expect(read('STATUS.txt')).toContain('agent-1: Completed');
      expect(read('STATUS.txt')).toContain('agent-2: Failed (PUT failed)');
    });

    it('gives agents time that get on with tidying up, and shows it', async () => {
      const { events, outcome } = await run({
        behaviors: [
          {
            onFinish: (agent) => {
              for (const done of [10, 20]) agent.tidyingUp('removing directories', done, 20);
              agent.end();
            },
          },
        ],
      });
      expect(outcome.kind).toBe('completed');
      expect(events.filter((event) => event === 'tidyingUp')).toHaveLength(2);
    });

    it('stops agents that are tidying up when the user wants the end', async () => {
      const stop = new StopSignal();
      const { fakes, outcome } = await run({
        stop,
        behaviors: [
          {},
          {
            onFinish: (agent) => {
              agent.tidyingUp('removing directories', 1, 1_000_000);
              stop.request('interrupted');
            },
          },
        ],
      });
      expect(outcome).toMatchObject({ kind: 'interrupted', failures: [] });
      expect(fakes[1]?.commands.slice(-2)).toEqual(['finishRun', 'abortRun']);
    });

    it('blames the agent for a message that makes no sense', async () => {
      const { outcome } = await run({
        behaviors: [
          {
            onStage: (agent) => {
              agent.sendNonsense();
            },
          },
        ],
      });
      expect(outcome).toMatchObject({
        kind: 'failed',
        failures: [{ agentId: 'agent-1', error: { code: 'STATS_MALFORMED' } }],
      });
    });

    it('does not wait for an agent that ignores the abort', async () => {
      const begin = Date.now();
      const { outcome } = await run({
        behaviors: [
          { ...works, ignoresAbort: true },
          {
            onStage: (agent, stage) => {
              if (stage === EXECUTE) agent.fail(disk);
              else agent.summary(1, 10);
            },
          },
        ],
      });
      expect(outcome.kind).toBe('failed');
      expect(Date.now() - begin).toBeLessThan(4_000);
    });

    it('finds out that an agent is silent, asks it, and gives it up', async () => {
      const { events, outcome } = await run({
        behaviors: [{ silent: true, onStage: () => undefined }],
        workload: `${WORKLOAD}
distributed:
  barrier_sync:
    default_heartbeat_interval: 100ms
    default_missed_threshold: 2
    default_query_timeout: 200ms
    default_query_retries: 1
`,
      });
      expect(outcome).toMatchObject({
        kind: 'failed',
        failures: [{ error: { code: 'AGENT_SILENT' } }],
      });
      expect(events.join()).toContain('asking whether it is alive');
    });

    it('is a run without clean-up, not a failed one, when only the clean-up failed', async () => {
      const { fakes, outcome, read } = await run({
        behaviors: [
          {
            onStage: (agent, stage) => {
              if (stage === CLEANUP) {
                agent.summary(1, 10, {
                  outcome: 'failed',
                  failure: {
                    code: 'STAGE_INCOMPLETE',
                    class: 'permission',
                    message: '3 of 4 objects could not be deleted',
                    attempts: 1,
                    retryable: false,
                    causes: [],
                  },
                });
              } else agent.summary(5, 10);
            },
          },
          {},
        ],
      });
      expect(outcome.kind).toBe('cleanup-failed');
      expect(exitCodeOf(outcome)).toBe(5);
      expect(fakes.map(({ commands }) => commands.at(-1))).toEqual(['finishRun', 'finishRun']);
      expect(read('03_execute_results.tsv')).not.toContain('Partial');
    });
  });

  describe('when a stage takes longer than timeout_secs', () => {
    const staged = (kind: 'prepare' | 'cleanup'): string => `${WORKLOAD}
distributed:
  stages:
    - {name: fill, type: prepare${kind === 'prepare' ? ', timeout_secs: 20ms' : ''}}
    - {name: wipe, type: cleanup${kind === 'cleanup' ? ', timeout_secs: 20ms' : ''}}
`;
    /** An agent that does not end a stage by itself. */
    const stuckIn = (stuck: number): FakeBehavior => ({
      onStage: (agent, stage) => {
        if (stage !== stuck) agent.summary(1, 1);
      },
    });

    it('stops the run, blames the agents that have not ended it, and keeps what they have done', async () => {
      const { fakes, outcome, read } = await run({
        behaviors: [{}, stuckIn(0)],
        workload: staged('prepare'),
      });
      expect(outcome).toMatchObject({
        kind: 'failed',
        failures: [
          {
            agentId: 'agent-2',
            stage: 'fill',
            error: {
              code: 'STAGE_TIMEOUT',
              message: 'agent-2 had not ended stage fill within 20ms',
            },
          },
        ],
      });
      expect(outcome.failures).toHaveLength(1);
      expect(fakes[1]?.commands).toContain('abortRun');
      expect(read('01_fill_results.tsv')).toContain('# Partial: agent-2: agent-2 had not ended');
      expect(read('agents/agent-2/results.tsv')).toContain('\tPUT\t');
    });

    it('is a run that was not cleaned up when it is the clean-up', async () => {
      const { fakes, outcome } = await run({
        behaviors: [stuckIn(1)],
        workload: staged('cleanup'),
      });
      expect(outcome.kind).toBe('cleanup-failed');
      expect(fakes[0]?.commands).toContain('abortRun');
    });

    it('is not, when all end it in time', async () => {
      const { outcome } = await run({
        behaviors: [{}, {}],
        workload: staged('prepare').replace('20ms', '1h'),
      });
      expect(outcome.kind).toBe('completed');
    });
  });

  describe('when the results cannot be written', () => {
    it('fails by the name of the controller, stops the agents, and says so where it still can', async () => {
      const { events, fakes, outcome, read } = await run({
        before: (results) => {
          // A directory in the place of the file: what root cannot write either.
          mkdirSync(join(results.path, '03_execute_results.tsv'));
        },
        behaviors: [
          {
            onStage: (agent) => {
              agent.summary(2, 10);
            },
          },
        ],
      });
      expect(outcome).toMatchObject({ kind: 'failed', operations: 6 });
      expect(outcome.failures).toMatchObject([
        { agentId: 'controller', stage: 'execute', error: { code: 'RESULTS_WRITE_FAILED' } },
      ]);
      expect(events).toContain('failed: controller');
      expect(fakes[0]?.commands.at(-1)).toBe('abortRun');
      expect(read('STATUS.txt')).toContain('controller in stage execute');
      expect(read('02_prepare_results.tsv')).toContain('PUT');
    });
  });

  it('leaves in the metadata what the tables do not say of a stage', async () => {
    const { read } = await run({
      behaviors: [2, 5].map((firstStartMs) => ({
        onStage: (agent) => {
          agent.summary(3, 900, { firstStartMs, stuckWorkers: 1 });
        },
      })),
    });
    const { stages } = JSON.parse(read('metadata.json')) as { stages: Record<string, unknown>[] };
    expect(stages.map(({ name }) => name)).toEqual(['preflight', 'prepare', 'execute', 'cleanup']);
    expect(stages[EXECUTE]).toMatchObject({
      wall_secs: 0.9,
      partial: null,
      operations: 6,
      stuck_threads: 2,
      start_skew_ms: 3,
      clamped: 0,
      verify: { level: 'length', content_compared: 0, length_compared: 0, not_compared: 0 },
    });
    expect(stages[0]?.['verify']).toBeNull();
  });

  describe('when the user asks for the end', () => {
    it.each([
      ['interrupted', 130],
      ['terminated', 143],
    ] as const)('%s: stops the agents and keeps what was done', async (reason, code) => {
      const stop = new StopSignal();
      const { fakes, outcome, read } = await run({
        stop,
        behaviors: [
          {
            onStage: (agent, stage) => {
              if (stage === EXECUTE) stop.request(reason);
              else agent.summary(1, 10);
            },
          },
        ],
      });
      expect(outcome.kind).toBe(reason);
      expect(exitCodeOf(outcome)).toBe(code);
      expect(fakes[0]?.commands).toContain('abortRun');
      expect(read('03_execute_results.tsv')).toContain(`# Partial: the run was ${reason}`);
      expect(read('STATUS.txt')).toContain('TEST STATUS: INTERRUPTED');
    });

    it('begins no stage when that is during the countdown', async () => {
      const stop = new StopSignal();
      const { events, outcome, path } = await run({
        stop,
        startDelayMs: 60_000,
        behaviors: [
          {
            onLoad: () => {
              setTimeout(() => {
                stop.request('interrupted');
              }, 50);
            },
          },
        ],
      });
      expect(outcome.kind).toBe('interrupted');
      expect(events).not.toContain('stageStarted');
      expect(readdirSync(path)).not.toContain('01_preflight_results.tsv');
    });

    it('ends at once while agents are being waited for', async () => {
      const stop = new StopSignal();
      setTimeout(() => {
        stop.request('interrupted');
      }, 200);
      const begin = Date.now();
      const { outcome } = await run({
        stop,
        behaviors: [{ neverReady: true, ignoresAbort: true }],
      });
      expect(outcome.kind).toBe('interrupted');
      expect(Date.now() - begin).toBeLessThan(4_000);
    });
  });
});

describe('coordinateRun() and post_prepare_delay', () => {
  const DELAY_MS = 3_600_000;
  const DELAYED = WORKLOAD.replace('prepare: {', 'prepare: {post_prepare_delay: 1h, ');

  beforeEach(() => {
    // What waits for a time does so until it is told that the time has passed; everything else goes on.
    jest.useFakeTimers({
      doNotFake: [
        ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] as const),
        ...(['clearImmediate', 'Date', 'setInterval', 'clearInterval'] as const),
      ],
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** A run whose stages each make so many objects, once it waits after prepare. */
  async function settle(stop: StopSignal) {
    const stages: number[] = [];
    const onStage = (agent: FakeAgent, stage: number): void => {
      stages.push(stage);
      agent.summary(1, 1);
    };
    return new Promise<{ running: ReturnType<typeof run>; stages: readonly number[] }>(
      (resolve) => {
        const running = run({
          ...{ stop, workload: DELAYED, behaviors: [{ onStage }] },
          onSettling: () => {
            // The wait begins when this returns.
            setImmediate(() => {
              resolve({ running, stages });
            });
          },
        });
      },
    );
  }

  it('waits so long between a prepare stage that has made something and the next', async () => {
    const { running, stages } = await settle(new StopSignal());
    await jest.advanceTimersByTimeAsync(DELAY_MS - 1);
    expect(stages.at(-1)).toBe(PREPARE);
    await jest.advanceTimersByTimeAsync(1);
    expect((await running).outcome.kind).toBe('completed');
    expect(stages.at(-1)).toBe(CLEANUP);
  });

  it('does not wait after a prepare stage that has found everything', async () => {
    const { events, outcome } = await run({ workload: DELAYED, behaviors: [{}] });
    expect(outcome.kind).toBe('completed');
    expect(events).not.toContain('settling');
  });

  it('ends the wait when the user wants the end', async () => {
    const stop = new StopSignal();
    const { running, stages } = await settle(stop);
    stop.request('interrupted');
    const { fakes, outcome } = await running;
    expect(outcome.kind).toBe('interrupted');
    expect(stages.at(-1)).toBe(PREPARE);
    expect(fakes[0]?.commands.at(-1)).toBe('abortRun');
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('coordinateRun() and the objects of a dataset', () => {
  const known = (begin: number, end: number): PlainPoolKnowledge => ({
    identity: 'x',
    own: { begin: 0, end: 5 },
    known: [{ begin, end, generation: 7, sequence: 1 }],
    unfinished: false,
  });

  it('hands the newest knowledge to the agents that own the objects now', async () => {
    const { fakes, outcome } = await run({
      behaviors: [
        {
          ...{ knowledge: [known(0, 10)], states: Uint8Array.of(1, 2, 3) },
          ...{ doubtful: ['created'], madeSince: '2026-01-01T00:00:00.000Z' },
        },
        { knowledge: [{ ...known(0, 0), own: { begin: 5, end: 10 }, known: [] }] },
      ],
    });
    expect(outcome.kind).toBe('completed');
    expect(fakes[0]?.taken).toEqual([]);
    expect(fakes[1]?.taken).toMatchObject([
      {
        identity: 'x',
        begin: 5n,
        end: 10n,
        generation: 7n,
        states: Uint8Array.of(1, 2, 3),
        doubtful: ['created'],
        madeSince: '2026-01-01T00:00:00.000Z',
      },
    ]);
  });

  it('adds up what the agents found before prepare', async () => {
    const behavior = { objects: { existing: 3, missing: 2 } };
    const { events } = await run({ behaviors: [behavior, behavior] });
    expect(events).toContain('objectsFound: {"existing":6,"missing":4}');
  });

  it('tells all agents how the parts of all of them are', async () => {
    const whole = { identity: 'x', isOurs: true, isWhole: true };
    const { fakes } = await run({
      behaviors: [
        { conditions: [whole, { ...whole, identity: 'y' }, { ...whole, identity: 'z' }] },
        {
          conditions: [
            { ...whole, isOurs: false },
            { ...whole, identity: 'y', isWhole: false },
          ],
        },
      ],
    });
    for (const { conditions } of fakes) {
      expect(conditions[0]).toEqual([
        { ...whole, isOurs: false },
        { ...whole, identity: 'y', isWhole: false },
        { ...whole, identity: 'z' },
      ]);
    }
  });

  const FORCED = WORKLOAD.replace('prepare: {', 'prepare: {force_overwrite: true, ');

  it.each([
    ['begins anew when the file says so', { workload: FORCED }, true, []],
    ['keeps what is there otherwise', {}, false, []],
  ])('%s', async (_, setup, startsOver, goesOnWith) => {
    const { fakes } = await run({ ...setup, behaviors: [{}] });
    expect(fakes[0]?.startsOver[PREPARE]).toBe(startsOver);
    expect(fakes[0]?.goesOnWith[PREPARE]).toEqual(goesOnWith);
  });

  it.each([
    ['goes on with those that were interrupted though the file says so', {}, ['y']],
    ['begins all anew when the user says so', { startOver: true }, []],
  ])('%s', async (_, setup, goesOnWith) => {
    const { fakes } = await run({
      ...{ workload: FORCED, ...setup },
      behaviors: [
        { knowledge: [known(0, 5), { ...known(0, 5), identity: 'y', unfinished: true }] },
        { knowledge: [known(0, 0)] },
      ],
    });
    for (const fake of fakes) {
      expect(fake.startsOver[PREPARE]).toBe(true);
      expect(fake.goesOnWith[PREPARE]).toEqual(goesOnWith);
    }
  });
});
