import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { create } from '@bufbuild/protobuf';
import { type RunRequest, RunRequestSchema, type RunResponse } from '@sai3bench/barrier-protocol';
import { Terminal } from '@sai3bench/terminal';
import { temporaryDirectory } from '@sai3bench/testing';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { AgentLog } from './agent-log.ts';
import { RunSession } from './run-session.ts';

const LONG =
  'target: "null:"\nduration: 60s\nconcurrency: 1\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]';

/** Starts a session whose controller is the test. */
function startSession(parent: string) {
  let output = '';
  const sink = { write: (text: string) => (output += text), isTTY: false, columns: 80 };
  const plan = planAgent(parseWorkload(LONG, 'w.yaml'), {
    agentId: 'agent-1',
    agentIndex: 0,
    agentCount: 1,
    entry: undefined,
    runId: 'run',
    dataSeed: '1',
  });
  const session = new RunSession(
    {
      $typeName: 'sai3bench.agent.v1.StartRun',
      runId: 'run',
      agentId: 'agent-1',
      protocolVersion: 1,
      controllerVersion: 'test',
      planJson: JSON.stringify(plan),
      heartbeatIntervalMs: 1000,
      startedAtMs: 1_771_457_009_000n,
      agentIds: [],
      controllerId: 'test',
      reconnectGraceMs: 60_000,
    },
    new AgentLog(new Terminal(sink), false),
    parent,
  );
  const events = session.open(1)[Symbol.asyncIterator]();
  const until = async (wanted: RunResponse['event']['case']): Promise<RunResponse> => {
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      if (next.value.event.case === wanted) return next.value;
    }
    throw new Error(`the session ended without ${String(wanted)}`);
  };
  const send = (command: RunRequest['command']): void => {
    session.command(create(RunRequestSchema, { command }));
  };
  return { session, until, send, output: () => output };
}

describe('a run session', () => {
  it('removes its files when the last results are acknowledged after its end', async () => {
    using parent = temporaryDirectory();
    const { session, until, send, output } = startSession(parent.path);
    await until('ready');
    send({
      case: 'loadStage',
      value: {
        $typeName: 'sai3bench.agent.v1.LoadStage',
        stage: 1,
        startOver: false,
        goOnWith: [],
      },
    });
    await until('stageLoaded');
    send({
      case: 'beginStage',
      value: {
        $typeName: 'sai3bench.agent.v1.BeginStage',
        stage: 1,
        startAtMonotonicNs: process.hrtime.bigint(),
        pools: [],
      },
    });
    await until('stageProgress');
    session.abort('test');
    const { sequence } = await until('stageSummary');
    await session.ended;
    expect(output()).toContain('are kept in');
    expect(readdirSync(parent.path)).toHaveLength(1);
    send({
      case: 'acknowledge',
      value: { $typeName: 'sai3bench.agent.v1.Acknowledge', sequence },
    });
    expect(readdirSync(parent.path)).toEqual([]);
    expect(output()).toContain('has taken over the rest of the results');
  });
});
