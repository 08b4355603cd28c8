import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import type { AgentPlan } from '@sai3bench/workload-config';
import { GET, PROBE_ID, PUT } from '../testing/run-checks.ts';
import { planOf } from '../testing/run-plan.ts';
import { checkedServers } from '../testing/s3-checks.ts';
import type { CheckContext } from './check-context.ts';
import type { Finding } from './finding.ts';
import { lookForProbes, placeProbes, type ProbeSight, removeProbes } from './run-probe-step.ts';

/** What one agent does. */
class Prober {
  readonly findings: Finding[] = [];
  readonly #context: CheckContext;

  constructor(plan: AgentPlan, probeId = PROBE_ID) {
    this.#context = {
      ...{ plan, probeId, signal: new AbortController().signal },
      onFinding: (finding) => this.findings.push(finding),
      onChecking: () => undefined,
    };
  }

  place(): Promise<void> {
    return placeProbes(this.#context);
  }

  async look(owners: readonly string[]): Promise<ProbeSight[]> {
    const sights: ProbeSight[] = [];
    await lookForProbes(this.#context, owners, (sight) => sights.push(sight));
    return sights;
  }

  remove(): Promise<void> {
    return removeProbes(this.#context);
  }
}

/** The probers of some agents that work on targets of their own. */
function probersAt(targets: readonly string[], workload = PUT): Prober[] {
  return targets.map(
    (target, index) =>
      new Prober(planOf(`target: ${target}\n${workload}`, targets.length, {}, index)),
  );
}

const AGENTS = ['agent-1', 'agent-2'];

describe('the probe of shared files', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = temporaryDirectory();
    for (const name of ['a', 'b']) mkdirSync(join(directory.path, name));
  });
  afterEach(() => {
    directory.remove();
  });

  const at = (path: string): string => `file://${join(directory.path, path)}/`;
  /** What the second of two agents sees, when both have placed their probes. */
  async function seen(first: string, second: string): Promise<readonly string[] | undefined> {
    const probers = probersAt([at(first), at(second)]);
    for (const prober of probers) await prober.place();
    const [sight] = (await probers[1]?.look(AGENTS)) ?? [];
    for (const prober of probers) {
      await prober.remove();
      expect(prober.findings).toEqual([]);
    }
    expect(readdirSync(directory.path, { recursive: true }).toSorted()).toEqual(['a', 'b']);
    return sight?.owners;
  }

  it('shows an agent those of all who work in the same directory', async () => {
    expect(await seen('a', 'a')).toEqual(AGENTS);
  });

  it('shows an agent nothing of those who work elsewhere', async () => {
    expect(await seen('a', 'b')).toEqual(['agent-2']);
  });

  it('tells directories apart that are yet to be made, and makes none', async () => {
    expect(await seen('a/new/x', 'a/new/x')).toEqual(AGENTS);
    expect(await seen('a/new/x', 'a/new/y')).toEqual(['agent-2']);
    expect(await seen('a/new', 'b/new')).toEqual(['agent-2']);
    expect(await seen('a/new', 'a')).toEqual(['agent-2']);
  });

  it('removes what checks have left that were killed, and nothing else', async () => {
    const ours = ['file', 'direct'].map((kind) => `.sai3bench-preflight-a1.check.agent-1.${kind}`);
    const others = [
      '.sai3bench-preflight-a1.check.agent-2.file',
      '.sai3bench-preflight-b2.check.agent-1.file',
      'data',
    ];
    for (const name of [...ours, ...others]) writeFileSync(join(directory.path, 'a', name), '');
    mkdirSync(join(directory.path, 'a', '.sai3bench-preflight-a1.check.agent-1.dir'));
    const prober = new Prober(planOf(`target: ${at('a')}\n${PUT}`), 'a1');
    await prober.remove();
    expect(prober.findings).toEqual([]);
    expect(readdirSync(join(directory.path, 'a')).toSorted()).toEqual(others.toSorted());
  });

  it('is none where nothing is written', async () => {
    const [prober] = probersAt([at('a')], GET);
    await prober?.place();
    expect(await prober?.look(AGENTS)).toEqual([]);
    await prober?.remove();
    expect(readdirSync(join(directory.path, 'a'))).toEqual([]);
  });

  it.each(['../x', 'a/b', '', 'A', 'x'.repeat(33)])('refuses the id "%s"', async (probeId) => {
    const prober = new Prober(planOf(`target: ${at('a')}\n${PUT}`), probeId);
    await expect(prober.place()).rejects.toMatchObject({ code: 'PREFLIGHT_PROBE_ID' });
    await expect(prober.look([])).rejects.toMatchObject({ code: 'PREFLIGHT_PROBE_ID' });
    await expect(prober.remove()).rejects.toMatchObject({ code: 'PREFLIGHT_PROBE_ID' });
  });

  it('looks for no agent whose name could lead elsewhere', async () => {
    const prober = new Prober(planOf(`target: ${at('a')}\n${PUT}`));
    await expect(prober.look(['../../etc/passwd'])).rejects.toMatchObject({
      code: 'PREFLIGHT_PROBE_ID',
    });
  });
});

describe('the probe of shared objects', () => {
  const start = checkedServers();

  it('shows an agent those of all who work on the same bucket, through every endpoint', async () => {
    const s3 = await start();
    const again = await s3.server.openEndpoint();
    const target = `multi_endpoint: {endpoints: ["${s3.target()}", "s3://${again.host}/bucket/p/"]}`;
    const probers = [0, 1].map((index) => new Prober(planOf(`${target}\n${PUT}`, 2, {}, index)));
    for (const prober of probers) await prober.place();
    expect(await probers[1]?.look(['agent-1'])).toEqual([
      { store: 0, target: s3.target(), owners: ['agent-1'] },
      { store: 0, target: `s3://${again.host}/bucket/p/`, owners: ['agent-1'] },
    ]);
    for (const prober of probers) await prober.remove();
    expect(await s3.keys()).toEqual([]);
    await again.stop();
  });

  it('is one for each endpoint where each object is at one of them', async () => {
    const [s3, other] = [await start(), await start()];
    const target = `multi_endpoint: {namespace: separate, endpoints: ["${s3.target()}", "${other.target()}"]}`;
    const prober = new Prober(planOf(`${target}\n${PUT}`, 2));
    await prober.place();
    expect((await prober.look(['agent-1'])).map(({ owners }) => owners)).toEqual([
      ['agent-1'],
      ['agent-1'],
    ]);
    await prober.remove();
    expect([await s3.keys(), await other.keys()]).toEqual([[], []]);
  });

  it('finds those of many agents with one listing', async () => {
    const s3 = await start();
    const owners = Array.from({ length: 30 }, (_, index) => `agent-${String(index + 1)}`);
    const probers = probersAt(owners.map(() => s3.target()));
    await Promise.all(probers.slice(0, 20).map((prober) => prober.place()));
    const before = s3.server.stats().requests.total;
    const [sight] = (await probers[29]?.look(owners)) ?? [];
    expect(sight?.owners).toEqual(owners.slice(0, 20));
    expect(s3.server.stats().requests.total - before).toBe(1);
    await Promise.all(probers.map((prober) => prober.remove()));
    expect(await s3.keys()).toEqual([]);
  });

  it('leaves no versions in a bucket that keeps them', async () => {
    const s3 = await start({ buckets: [{ name: 'bucket', versioning: 'Enabled' }] });
    const [prober] = probersAt([s3.target()]);
    await prober?.place();
    expect(await s3.keys()).toHaveLength(1);
    await prober?.remove();
    expect(await s3.keys()).toEqual([]);
    await prober?.remove();
    expect(await s3.keys()).toEqual([]);
    expect(prober?.findings).toEqual([]);
  });

  it('says that something may be left where it cannot be removed', async () => {
    const s3 = await start({ refuse: { DeleteObject: 'AccessDenied' } });
    const [prober] = probersAt([s3.target()]);
    await prober?.place();
    await prober?.remove();
    expect(prober?.findings).toMatchObject([
      {
        level: 'error',
        check: 'remove',
        class: 'PERM',
        message: expect.stringContaining(PROBE_ID),
      },
    ]);
  });
});
