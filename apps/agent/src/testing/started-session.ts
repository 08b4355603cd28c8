import { create } from '@bufbuild/protobuf';
import { type RunRequest, RunRequestSchema, type RunResponse } from '@sai3bench/barrier-protocol';
import type { Secret } from '@sai3bench/secret';
import { Terminal } from '@sai3bench/terminal';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { AgentLog } from '../console/agent-log.ts';
import { RunSession } from '../run/run-session.ts';

/** A session, and what its controller has of it. */
export interface StartedSession {
  readonly session: RunSession;
  /** Waits for an event of a kind. */
  readonly until: (wanted: RunResponse['event']['case']) => Promise<RunResponse>;
  readonly send: (command: RunRequest['command']) => void;
  /** What the agent has said so far. */
  readonly output: () => string;
}

/**
 * Starts a session whose controller is the test.
 *
 * @param parent is where it may keep files
 * @param secrets that the agent knows
 */
export function startSession(
  parent: string,
  yaml: string,
  secrets: readonly Secret[] = [],
): StartedSession {
  let output = '';
  const sink = { write: (text: string) => (output += text), isTTY: false, columns: 80 };
  const plan = planAgent(parseWorkload(yaml, 'w.yaml'), {
    agentId: 'agent-1',
    agentIndex: 0,
    agentCount: 1,
    entry: undefined,
    runId: 'run',
    dataSeed: '1',
  });
  const log = new AgentLog(new Terminal(sink), false);
  log.secrets.conceal(secrets);
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
      credentials: {},
    },
    log,
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
