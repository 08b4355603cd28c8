import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { Terminal } from '@sai3bench/terminal';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { AgentLog } from '../console/agent-log.ts';
import { admit, type AdmissionSettings, notAllowed } from './admission.ts';
import { AllowList } from './allow-list.ts';

const WORKLOAD =
  'target: s3://bench/x/\nduration: 1s\nconcurrency: 1\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]\n';
const planJson = JSON.stringify(
  planAgent(parseWorkload(WORKLOAD, 'w.yaml'), {
    ...{ agentId: 'a', agentIndex: 0, agentCount: 1, entry: undefined, runId: 'r', dataSeed: '1' },
  }),
);

function admission(settings: Partial<AdmissionSettings>, credentials: Record<string, string> = {}) {
  let logged = '';
  const sink = { write: (text: string) => (logged += text), isTTY: false, columns: 80 };
  const all = { allowed: new AllowList({ targets: [], paths: [] }), allowExec: false };
  const request = { planJson, credentials };
  const run = (): Promise<ReadonlyMap<string, unknown>> =>
    admit(
      request,
      { ...all, isPrivate: true, ...settings },
      new AgentLog(new Terminal(sink), false),
    );
  return { run, logged: () => logged };
}

const onlyTheBucket = new AllowList({ targets: ['s3://bench'], paths: [] });

describe('a plan', () => {
  it('is admitted with its credentials when it stays within what is allowed', async () => {
    const { logged, run } = admission({ allowed: onlyTheBucket }, { AWS_REGION: 'eu-west-1' });
    expect([...(await run()).keys()]).toEqual(['AWS_REGION']);
    expect(logged()).toBe('');
  });

  it('is not admitted when its credentials lead to another server', async () => {
    const elsewhere = { AWS_ENDPOINT_URL: 'http://10.6.6.6:9000' };
    const { logged, run } = admission({ allowed: onlyTheBucket }, elsewhere);
    await expect(run()).rejects.toThrow(expect.objectContaining({ code: 'PLAN_FORBIDDEN' }));
    expect(logged()).toBe('Refused a plan: this agent may not use s3://bench/x/\n');
  });

  it('is not admitted when others could read its credentials, which the log does not show', async () => {
    const { logged, run } = admission(
      { isPrivate: false },
      { AWS_SECRET_ACCESS_KEY: 'hidden-key' },
    );
    await expect(run()).rejects.toThrow(expect.objectContaining({ code: 'CREDENTIALS_REFUSED' }));
    expect(logged()).toMatch(/^Refused a plan: credentials were sent .* in the clear\n$/);
  });

  it('that is refused is a finding of the checks before a run', async () => {
    const allowed = new AllowList({ targets: [], paths: ['/mnt'] });
    const refusal = await admission({ allowed })
      .run()
      .catch((error: unknown) => error);
    expect(notAllowed(BenchError.from(refusal))).toMatchObject({
      level: 'error',
      class: 'PERM',
      check: 'allowed',
    });
  });
});
