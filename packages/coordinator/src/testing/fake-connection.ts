import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect';
import {
  AgentService,
  PROTOCOL_VERSION,
  type RunRequest,
  type RunResponse,
  type RunState,
} from '@sai3bench/barrier-protocol';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { AgentConnection } from '../link/agent-connection.ts';
import type { FakeBehavior } from './fake-behavior.ts';
import type { FakePreflight } from './fake-preflight.ts';

/** How far the clocks of fake agents are ahead of this host's. */
const CLOCK_AHEAD_NS = 5_000_000_000n;

/** What of a fake agent answers a controller. */
export interface FakeService {
  readonly behavior: FakeBehavior;
  readonly preflight: FakePreflight;
  readonly plan: AgentPlan | undefined;
  readonly status: { readonly state: RunState; readonly stage: number };
  run(requests: AsyncIterable<RunRequest>): AsyncIterable<RunResponse>;
}

/** Opens a way to a fake agent, over which the real protocol is spoken. */
export function connectTo(agent: FakeService, onClose: () => void): AgentConnection {
  const { behavior } = agent;
  const transport = createRouterTransport(({ service }) => {
    service(AgentService, {
      getInfo: async () => {
        if (behavior.silent === true && agent.plan !== undefined)
          await new Promise(() => undefined);
        return {
          version: behavior.version ?? '1.0.0',
          protocolVersion: behavior.protocolVersion ?? PROTOCOL_VERSION,
          ...(behavior.process ?? { hostname: 'fake', processId: 1 }),
          runId: behavior.busyWith ?? '',
          instanceId: behavior.instanceId ?? '',
        };
      },
      syncClock: () => {
        if (behavior.tellsTime?.() === false) throw new ConnectError('no', Code.Unavailable);
        return {
          monotonicNs: process.hrtime.bigint() + CLOCK_AHEAD_NS,
          unixNs: BigInt(Date.now()) * 1_000_000n + CLOCK_AHEAD_NS,
        };
      },
      getRun: () => ({ agentId: agent.plan?.agentId ?? '', ...agent.status }),
      stopRun: ({ reason }) => {
        if (behavior.onStopRun === undefined) throw new ConnectError('no', Code.Unavailable);
        behavior.onStopRun(reason);
        return {};
      },
      preflight: (request, { signal }) => agent.preflight.answer(request, signal),
      run: (requests) => agent.run(requests),
    });
  });
  return {
    client: createClient(AgentService, transport),
    reset: () => undefined,
    close: onClose,
  };
}
