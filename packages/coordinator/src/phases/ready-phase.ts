import { PROTOCOL_VERSION } from '@sai3bench/barrier-protocol';
import { waitAtGate } from '../barrier/wait-at-gate.ts';
import { notReadyError } from '../link/agent-errors.ts';
import { credentialsOf } from '../link/forwarded-credentials.ts';
import { openStream } from '../link/open-stream.ts';
import type { ActiveRun } from '../run/active-run.ts';
import { answerTimeoutMs } from './connect-phase.ts';

/** Reads the clocks of all agents, starts the run on each, and waits until all are ready. */
export async function startAgents(run: ActiveRun): Promise<boolean> {
  // At first: what agents tell from then on has times of day.
  await measureClocks(run);
  if (run.isOver) return false;
  const { observer, runId, version, workload } = run.options;
  const { members } = run.team;
  const heartbeatIntervalMs = Math.min(
    ...workload.stages.map(({ barrier }) => barrier.heartbeatIntervalMs),
  );
  const gate = run.team.newGate();
  run.awaitsReady = true;
  for (const member of members) {
    member.heard(run.nowMs());
    const stream = openStream(run, member);
    member.link.send({
      case: 'startRun',
      value: {
        $typeName: 'sai3bench.agent.v1.StartRun',
        runId,
        agentId: member.id,
        protocolVersion: PROTOCOL_VERSION,
        controllerVersion: version,
        planJson: JSON.stringify(member.plan),
        heartbeatIntervalMs: Math.round(heartbeatIntervalMs),
        startedAtMs: BigInt(run.options.startedAtMs),
        agentIds: members.map(({ id }) => id),
        controllerId: run.controllerId,
        reconnectGraceMs: workload.reconnectGraceMs,
        credentials: credentialsOf(run.options.credentials),
      },
    });
    member.goesOnAlone = run.options.ownsAgents !== true;
    stream.start();
  }
  const timeoutMs = workload.agentReadyTimeoutMs;
  const opened = await waitAtGate(run, gate, {
    timeoutMs,
    report: (ready, msLeft) => {
      observer.waitingForReady(ready, members.length, msLeft);
    },
    lateError: (id) => notReadyError(id, timeoutMs),
  });
  run.awaitsReady = false;
  if (opened.type === 'broken') return false;
  observer.allReady(members.length);
  return !run.isOver;
}

/** Reads the clocks of all agents for the first time. */
export async function measureClocks(run: ActiveRun): Promise<void> {
  const { stop } = run.options;
  await stop.race(
    run.clocks.measure(answerTimeoutMs(run.team.members.length), (member, error) => {
      run.team.fail(member, error);
    }),
  );
}
