import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { startController } from './support/programs.ts';
import { readResult } from './support/tables.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

/** What metadata.json says of an endpoint in a stage. */
interface EndpointEntry {
  readonly address: string;
  readonly requests: number;
  readonly errors: number;
  readonly p50_us: number | null;
  readonly out_ms: number;
}

/** How long the slow server waits before it answers: longer than the others take on a busy machine. */
const SLOW_MS = 300;

let servers: S3TestServer[] = [];

beforeAll(async () => {
  servers = await Promise.all([0, 1, 2].map(() => startS3TestServer({ buckets: ['bucket'] })));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

/** Something that a test does as soon as a run has printed something. */
interface Reaction {
  readonly printed: string;
  readonly act: () => void;
}

/** A stage of so many operations, however long that takes. */
const stageOf = (puts: number): string =>
  `distributed: {stages: [{name: run, type: hybrid, expected_tasks: ${String(puts)}, max_duration: 10m}]}`;

/** Runs PUTs against all servers. */
async function runPuts(
  workspace: Workspace,
  endpoints: string,
  stage: string,
  reaction?: Reaction,
) {
  const config = workspace.workload(
    'w.yaml',
    `
multi_endpoint: ${endpoints}
concurrency: 12
${stage}
workload: [{op: put, path: new/, object_size: 1KiB, weight: 1}]
`,
  );
  const controller = startController(
    workspace.path,
    ['run', '--config', config, '--start-delay', '0', '--workers', '2'],
    servers[0]?.env,
  );
  if (reaction !== undefined) {
    await controller.printed(reaction.printed).catch(async (error: unknown) => {
      await controller.stop();
      throw error;
    });
    reaction.act();
  }
  const exitCode = await controller.ended;
  const output = controller.output();
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  const [results = ''] = workspace.results();
  const metadata = JSON.parse(readResult(results, 'metadata.json')) as {
    readonly stages: readonly {
      readonly endpoints: readonly EndpointEntry[];
      readonly warnings: readonly string[];
    }[];
  };
  const last = metadata.stages.at(-1);
  const environment = JSON.parse(readResult(results, 'agents/agent-1/metadata.json')) as object;
  return {
    output,
    environment,
    warnings: last?.warnings ?? [],
    endpoints: last?.endpoints ?? [],
  };
}

const addressOf = (server: S3TestServer): string => `s3://${server.host}/bucket/`;
const listed = (): string => servers.map(addressOf).join(', ');
const putsOf = (server: S3TestServer): number => server.stats().requests.byOperation.PutObject;

describe('several S3 servers, one of them slow,', () => {
  /** The share of the requests that the slow server gets with a strategy. */
  async function slowShare(strategy: string): Promise<number> {
    const [slow] = servers;
    const fault = slow?.faults.add({
      match: { operation: 'PutObject' },
      fault: { kind: 'latency', ms: SLOW_MS },
    });
    try {
      let share = 0;
      await inWorkspace(async (workspace) => {
        const before = servers.map(putsOf);
        const { endpoints, environment } = await runPuts(
          workspace,
          `{strategy: ${strategy}, endpoints: [${listed()}]}`,
          stageOf(300),
        );
        expect(environment).toMatchObject({
          worker_threads: 2,
          worker_threads_reason: '--workers',
        });
        const requests = endpoints.map((endpoint) => endpoint.requests);
        const seen = servers.map((server, index) => putsOf(server) - (before[index] ?? 0));
        // Besides these, each server has seen the probe of the checks before the run; the first also that of shared storage.
        expect(seen).toEqual(requests.map((each, index) => each + (index === 0 ? 2 : 1)));
        expect(endpoints[0]?.p50_us).toBeGreaterThan(SLOW_MS * 900);
        share = (requests[0] ?? 0) / requests.reduce((sum, each) => sum + each, 0);
      });
      return share;
    } finally {
      fault?.remove();
    }
  }

  it('get the same number of requests with round_robin', async () => {
    expect(await slowShare('round_robin')).toBeCloseTo(1 / 3, 1);
  });

  it.each(['least_connections', 'latency_aware'])(
    'get far fewer of them where it is slow, with %s',
    async (strategy) => {
      const share = await slowShare(strategy);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(0.2);
    },
  );
});

describe('several S3 servers', () => {
  it('get requests in the ratio of their weights', async () => {
    await inWorkspace(async (workspace) => {
      const weighted = servers.map(
        (server, index) => `{uri: "${addressOf(server)}", weight: ${String(2 ** index)}}`,
      );
      const { endpoints } = await runPuts(
        workspace,
        `{strategy: weighted, endpoints: [${weighted.join(', ')}]}`,
        stageOf(2_100),
      );
      const [one = 0, two = 0, four = 0] = endpoints.map(({ requests }) => requests);
      expect(one + two + four).toBe(2_100);
      expect(two / one).toBeCloseTo(2, 1);
      expect(four / one).toBeCloseTo(4, 1);
    });
  });

  it('of which one fails for a while are told of on the console and in the results', async () => {
    const [, ill] = servers;
    const fault = ill?.faults.add({
      match: { operation: 'PutObject', key: /^new/ },
      fault: { kind: 'error', code: 'InternalError' },
    });
    const address = ill === undefined ? '' : addressOf(ill);
    await inWorkspace(async (workspace) => {
      const { endpoints, output, warnings } = await runPuts(
        workspace,
        `{endpoints: [${listed()}], circuit_breaker: {failures: 2, pause: 1500ms, longest_pause: 1500ms}}`,
        'duration: 10s',
        {
          printed: `${address} fails: agent-1 sends requests to the other endpoints`,
          act: () => fault?.remove(),
        },
      );
      expect(output).toMatch(
        /answers again: its circuit breaker kept it out for .*s of this stage/,
      );
      expect(output).toMatch(/^ {6}s3:.* requests, mean .* errors, out for .*s$/m);
      const [well, failing] = endpoints;
      expect(well).toMatchObject({ errors: 0, out_ms: 0 });
      expect(failing?.out_ms).toBeGreaterThan(1400);
      expect(warnings).toEqual([
        expect.stringMatching(/^agent-1: s3:.* failed .*: its circuit breaker kept it out for/),
      ]);
    }).finally(() => fault?.remove());
  });
});
