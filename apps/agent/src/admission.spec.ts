import { describe, expect, it } from '@jest/globals';
import { Terminal } from '@sai3bench/terminal';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { admit, type AdmissionSettings, notAllowed } from './admission.ts';
import { AgentLog } from './agent-log.ts';
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
  const run = (): ReadonlyMap<string, unknown> =>
    admit(
      request,
      { ...all, isPrivate: true, ...settings },
      new AgentLog(new Terminal(sink), false),
    );
  return { run, logged: () => logged };
}

const onlyTheBucket = new AllowList({ targets: ['s3://bench'], paths: [] });

describe('a plan', () => {
  it('is admitted with its credentials when it stays within what is allowed', () => {
    const { logged, run } = admission({ allowed: onlyTheBucket }, { AWS_REGION: 'eu-west-1' });
    expect([...run().keys()]).toEqual(['AWS_REGION']);
    expect(logged()).toBe('');
  });

  it('is not admitted when its credentials lead to another server', () => {
    const elsewhere = { AWS_ENDPOINT_URL: 'http://10.6.6.6:9000' };
    const { logged, run } = admission({ allowed: onlyTheBucket }, elsewhere);
    expect(run).toThrow(expect.objectContaining({ code: 'PLAN_FORBIDDEN' }));
    expect(logged()).toBe('Refused a plan: this agent may not use s3://bench/x/\n');
  });

  it('is not admitted when others could read its credentials, which the log does not show', () => {
    const { logged, run } = admission(
      { isPrivate: false },
      { AWS_SECRET_ACCESS_KEY: 'hidden-key' },
    );
    expect(run).toThrow(expect.objectContaining({ code: 'CREDENTIALS_REFUSED' }));
    expect(logged()).toMatch(/^Refused a plan: credentials were sent .* in the clear\n$/);
  });

  it('that is refused is a finding of the checks before a run', () => {
    const allowed = new AllowList({ targets: [], paths: ['/mnt'] });
    let finding: unknown;
    try {
      admission({ allowed }).run();
    } catch (error) {
      finding = notAllowed(error as Parameters<typeof notAllowed>[0]);
    }
    expect(finding).toMatchObject({ level: 'error', class: 'PERM', check: 'allowed' });
  });
});
