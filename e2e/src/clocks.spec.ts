import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { AgentService, ClockTracker } from '@sai3bench/barrier-protocol';
import type { RunMetadata } from '@sai3bench/results-dir';
import { type Agent, agentsOption, runController, startAgent } from './support/programs.ts';
import { inWorkspace } from './support/workspace.ts';

/** How the clocks of an agent differ from those of this host. */
interface Shift {
  readonly skewMs: number;
  readonly driftPpm: number;
}

/** One agent's clocks are right, one's ahead and too fast, one's behind and too slow. */
const shiftsBy = (skewMs: number): readonly Shift[] => [
  { skewMs: 0, driftPpm: 0 },
  { skewMs, driftPpm: 100 },
  { skewMs: -skewMs, driftPpm: -100 },
];
/** More than a busy machine, or one that stands still for a moment, holds up an agent. */
const LONG_MS = 600_000;
const STAGES = ['s1', 's2', 's3'];
/** How coarse the file system's own times are, and by how much this host's clock may be put right meanwhile. */
const FILE_TIME_MS = 1_000;
/** A busy machine may hold up an agent by this; wrong clocks would by ten times as much. */
const BUSY_MS = LONG_MS / 10;

const agents: Agent[] = [];
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
});

async function startShifted({ driftPpm, skewMs }: Shift): Promise<Agent> {
  const agent = await startAgent({
    SAI3_AGENT_CLOCK_SKEW_MS: String(skewMs),
    SAI3_AGENT_CLOCK_DRIFT_PPM: String(driftPpm),
  });
  agents.push(agent);
  return agent;
}

const nowNs = (): number => Number(process.hrtime.bigint());

describe('an agent whose clocks are shifted', () => {
  it('has at any time the offset that is known of it, give or take the error', async () => {
    for (const shift of shiftsBy(3_000)) {
      const beforeNs = nowNs();
      const { address } = await startShifted(shift);
      const afterNs = nowNs();
      const baseUrl = `http://${address}`;
      const sessionManager = new Http2SessionManager(baseUrl);
      const transport = createConnectTransport({ baseUrl, httpVersion: '2', sessionManager });
      const client = createClient(AgentService, transport);
      const tracker = new ClockTracker();
      // The drift counts from an instant while the agent started.
      const startNs = (beforeNs + afterNs) / 2;
      const startErrorNs = ((afterNs - beforeNs) / 2) * Math.abs(shift.driftPpm / 1e6);
      for (let reading = 0; reading < 6; reading++) {
        const sentNs = nowNs();
        const { monotonicNs } = await client.syncClock({});
        tracker.add({ sentNs, remoteNs: Number(monotonicNs), receivedNs: nowNs() });
        for (const laterNs of [0, 1e9, 60e9]) {
          const atNs = nowNs() + laterNs;
          const truthNs = shift.skewMs * 1e6 + (atNs - startNs) * (shift.driftPpm / 1e6);
          const { errorNs, offsetNs } = tracker.at(atNs);
          expect(Math.abs(offsetNs - truthNs)).toBeLessThanOrEqual(errorNs + startErrorNs + 10);
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      sessionManager.abort();
    }
  });

  it('begins every stage together with the others, when the results say, and tells times of the same time line', async () => {
    await inWorkspace(async (workspace) => {
      const { path } = workspace;
      const started = await Promise.all(shiftsBy(LONG_MS).map(startShifted));
      mkdirSync(join(path, 'data'));
      const config = workspace.workload(
        'clocks.yaml',
        `
target: file://${path}/data/
concurrency: 1
workload: [{op: put, path: new/, object_size: 1, weight: 1}]
distributed:
  stages:
${STAGES.map((name, index) => `    - {name: ${name}, order: ${String(index + 1)}, type: hybrid, max_duration: 20s, expected_tasks: 3}`).join('\n')}
`,
      );
      const run = await runController(path, [
        ...agentsOption(...started),
        ...['run', '--config', config, '--start-delay', '2'],
      ]);
      expect(run).toMatchObject({ exitCode: 0 });
      const [directory = ''] = workspace.results();
      const { start_time: runStart, stages } = JSON.parse(
        readFileSync(join(directory, 'metadata.json'), 'utf8'),
      ) as RunMetadata;
      expect(stages.map(({ name }) => name)).toEqual(STAGES);
      for (const [index, { starts }] of stages.entries()) {
        const madeMs = starts.map(({ agent }) => timesBelow(join(path, 'data', agent))[index] ?? 0);
        expect(Math.max(...madeMs) - Math.min(...madeMs)).toBeLessThan(BUSY_MS);
        for (const [position, start] of starts.entries()) {
          // The first object of an agent is made right after its first operation has begun.
          const saidMs = start.planned_epoch_ms + (start.achieved_ms ?? NaN);
          const lateMs = (madeMs[position] ?? NaN) - saidMs;
          expect(lateMs).toBeGreaterThan(-start.clock_error_ms - FILE_TIME_MS);
          expect(lateMs).toBeLessThan(start.clock_error_ms + BUSY_MS);
        }
      }
      for (const agent of ['agent-1', 'agent-2', 'agent-3']) {
        const log = readFileSync(join(directory, 'agents', agent, 'console.log'), 'utf8');
        const lineMs = Date.parse(/^\S+Z(?= )/m.exec(log)?.[0] ?? '');
        expect(lineMs - Date.parse(runStart)).toBeGreaterThan(-FILE_TIME_MS);
        expect(Date.now() - lineMs).toBeGreaterThan(-FILE_TIME_MS);
      }
    });
  });
});

/** When the files below a directory were made, in order. */
function timesBelow(path: string): number[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith('obj_'))
    .map(({ name, parentPath }) => statSync(join(parentPath, name)).mtimeMs)
    .toSorted((a, b) => a - b);
}
