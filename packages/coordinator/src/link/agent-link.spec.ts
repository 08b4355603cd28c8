import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect';
import { describe, expect, it } from '@jest/globals';
import { AgentService, ErrorDetailSchema, errorToWire } from '@sai3bench/barrier-protocol';
import { BenchError, toErrorRecord } from '@sai3bench/errors';
import { AgentLink } from './agent-link.ts';

/** What is said when an agent refuses to tell who it is. */
async function saidOf(refusal: ConnectError): Promise<unknown> {
  const transport = createRouterTransport(({ service }) => {
    service(AgentService, {
      getInfo: () => {
        throw refusal;
      },
    });
  });
  const link = new AgentLink('agent-1', 'a:1', () => ({
    client: createClient(AgentService, transport),
    reset: () => undefined,
    close: () => undefined,
  }));
  return link.info(5_000).catch((error: unknown) => error);
}

/** As agents refuse that say what to do. */
function explained(code: Code, hint: string): ConnectError {
  const why = new BenchError('no', { code: 'X', class: 'permission', hint, cause: 'a reason' });
  const detail = { desc: ErrorDetailSchema, value: errorToWire(toErrorRecord(why)) };
  return new ConnectError('no', code, undefined, [detail]);
}

describe('what an agent refuses', () => {
  it.each([Code.PermissionDenied, Code.ResourceExhausted, Code.InvalidArgument])(
    'is told with the hint that the agent gives for the cause (code %d)',
    async (code) => {
      expect(await saidOf(explained(code, 'give --tls to sai3bench-ctl'))).toMatchObject({
        ...{ code: 'AGENT_REFUSED', class: 'permission', endpoint: 'a:1' },
        message: 'agent-1 at a:1 refused: no',
        hint: 'give --tls to sai3bench-ctl',
        cause: { message: 'a reason' },
      });
    },
  );

  it.each([
    [Code.Unauthenticated, 'auth', 'both sides must have the same token'],
    [Code.PermissionDenied, 'config', 'the terminal of the agent says more'],
    [Code.FailedPrecondition, 'config', 'use agents and controller of the same version'],
  ])(
    'without a hint of its own has one that is true of the code (%d)',
    async (code, kind, hint) => {
      expect(await saidOf(new ConnectError('no', code))).toMatchObject({
        ...{ code: 'AGENT_REFUSED', class: kind, hint: expect.stringContaining(hint) },
      });
    },
  );
});

describe('an agent that does not answer in time', () => {
  it('is not said to be missing', async () => {
    expect(await saidOf(new ConnectError('late', Code.DeadlineExceeded))).toMatchObject({
      ...{ code: 'AGENT_UNREACHABLE', class: 'network', endpoint: 'a:1' },
      message: 'cannot reach agent-1 at a:1: it did not answer in time',
      hint: expect.stringMatching(/^its process stands still/),
    });
  });
});
