import { describe, expect, it } from '@jest/globals';
import type { PlainFinding } from '@sai3bench/barrier-protocol';
import { parseWorkload } from '@sai3bench/workload-config';
import { AgentLink } from '../link/agent-link.ts';
import { planRun } from '../run/plan-run.ts';
import { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { sharingOf } from './judge-sharing.ts';
import { preflightAgents } from './preflight-agents.ts';

const PUT = `duration: 1s
workload:
  - {op: put, path: n/, object_size: 1, weight: 1}
  - {op: get, path: "x-*", weight: 1}`;
const GET = 'workload: [{op: get, path: "x-*", weight: 1}]';
const ERROR: PlainFinding = {
  ...{ level: 'error', class: 'PERM', check: 'write', target: 's3://b/' },
  ...{ message: 'no', hint: 'grant it' },
};

/** The checks of some agents, all with one target. */
function preflight(behaviors: readonly FakeBehavior[], yaml: string, limitMs = 60_000) {
  const workload = parseWorkload(yaml, 'w.yaml');
  const fakes = behaviors.map((behavior) => new FakeAgent(behavior));
  const agents = fakes.map((_, index) => ({
    ...{ id: `agent-${String(index + 1)}`, address: `fake:${String(index)}`, entry: undefined },
  }));
  const plans = planRun(workload, agents, { runId: 'run', dataSeed: '1' });
  const checked = agents.flatMap(({ address, id }, index) => {
    const [fake, plan] = [fakes[index], plans[index]];
    if (fake === undefined || plan === undefined) return [];
    return [{ id, plan, link: new AgentLink(id, address, () => fake.connect()) }];
  });
  const cancel = new AbortController();
  const found = preflightAgents(checked, {
    ...{ probeId: 'a1', credentials: undefined, limitMs, signal: cancel.signal },
    sharing: sharingOf(workload, agents.length),
  });
  return { found, fakes, cancel };
}

/** Levels and checks in short: `error sharing`. */
async function inShort(found: ReturnType<typeof preflight>['found']): Promise<string[][]> {
  return [...(await found).values()].map((own) =>
    own.map(({ check, level }) => `${level} ${check}`),
  );
}

describe('the checks of many agents', () => {
  it('are over when all have found what they find, and look for shared storage then', async () => {
    const { fakes, found } = preflight([{}, {}], `target: s3://b/\n${PUT}`);
    expect(await inShort(found)).toEqual([[], ['info sharing']]);
    await fakes[1]?.released;
    expect(fakes[1]?.preflights).toEqual(['place', 'look', 'remove', 'released']);
  });

  it('look for shared storage among those that are well', async () => {
    const { fakes, found } = preflight([{ findings: [ERROR] }, {}, {}], `target: s3://b/\n${PUT}`);
    expect(await inShort(found)).toEqual([['error write'], [], ['info sharing']]);
    expect(fakes[0]?.preflights).toEqual(['place']);
  });

  it('refuse storage that is to be shared and is not', async () => {
    const blind = { sees: (owners: readonly string[]) => owners.filter((id) => id === 'agent-2') };
    const { found } = preflight([{}, blind], `target: s3://b/\n${PUT}`);
    expect(await inShort(found)).toEqual([[], ['error sharing']]);
  });

  it('write no probes for a workload that only reads, and say so', async () => {
    const { fakes, found } = preflight([{}, {}], `target: s3://b/\n${GET}`);
    expect(await inShort(found)).toEqual([['info sharing'], ['info sharing']]);
    expect(fakes.map(({ preflights }) => preflights)).toEqual([['check'], ['check']]);
  });

  it('have nothing to compare with one agent and one endpoint', async () => {
    const { fakes, found } = preflight([{}], `target: s3://b/\n${PUT}`);
    expect(await inShort(found)).toEqual([[]]);
    expect(fakes[0]?.preflights).toEqual(['check']);
  });

  it('compare the endpoints of one agent', async () => {
    const endpoints = 'multi_endpoint: {endpoints: ["s3://b/", "s3://c/"]}';
    const { found } = preflight([{ sees: () => [] }], `${endpoints}\n${PUT}`);
    expect(await inShort(found)).toEqual([['error sharing', 'error sharing']]);
  });

  it('have one deadline; who has not answered by then is a finding', async () => {
    const { found } = preflight([{}, { neverChecked: true }], `target: s3://b/\n${PUT}`, 50);
    const findings = await found;
    expect(findings.get('agent-2')).toMatchObject([
      { level: 'error', class: 'NET', check: 'agent', message: expect.stringContaining('50ms') },
    ]);
  });

  it('end when they are to end, and let go of the probes', async () => {
    let looking = (): void => undefined;
    const looked = new Promise<void>((resolve) => (looking = resolve));
    const sees = (owners: readonly string[]): readonly string[] => {
      looking();
      return owners;
    };
    const { cancel, fakes, found } = preflight([{ sees }, { sees }], `target: s3://b/\n${PUT}`);
    await looked;
    cancel.abort();
    await found;
    await fakes[0]?.released;
    expect(fakes[0]?.preflights).toContain('released');
  });
});
