import { describe, expect, it } from '@jest/globals';
import { type AgentPlan, parseWorkload, planAgent } from '@sai3bench/workload-config';
import fc from 'fast-check';
import { AllowList, type AllowOptions } from './allow-list.ts';
import type { FindPlaces } from './real-places.ts';

function planOf(yaml: string): AgentPlan {
  return planAgent(parseWorkload(yaml, 'w.yaml'), {
    ...{ agentId: 'a', agentIndex: 0, agentCount: 1, entry: undefined, runId: 'r', dataSeed: '1' },
  });
}

const workload = (target: string): string =>
  `target: "${target}"\nduration: 1s\nconcurrency: 1\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]\n`;

/** A host without links. */
const asWritten: FindPlaces = (paths) =>
  Promise.resolve(paths.map((path) => ({ path, place: path })));

function listOf(rules: Partial<AllowOptions>, findPlaces = asWritten): AllowList {
  return new AllowList({ targets: [], paths: [], ...rules }, findPlaces);
}

async function permits(
  rules: Partial<AllowOptions>,
  target: string,
  endpointUrl?: string,
): Promise<boolean> {
  try {
    await listOf(rules).check(planOf(workload(target)), endpointUrl);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'PLAN_FORBIDDEN', class: 'permission' });
    return false;
  }
}

describe('the places that an agent allows', () => {
  it.each([
    ['file:///mnt/bench/', true],
    ['file:///mnt/bench', true],
    ['file:///mnt/bench/deep/er/', true],
    ['direct:///mnt/bench/x/', true],
    ['file:///mnt/bench2/', false],
    ['file:///mnt/', false],
    ['file:///', false],
    ['file:///mnt/./bench/', true],
    ['s3://bucket/mnt/bench/', false],
    ['null:', true],
  ])('with --allow-path /mnt/bench, %s: %s', async (target, allowed) => {
    expect(await permits({ paths: ['/mnt/bench'] }, target)).toBe(allowed);
    expect(await permits({ targets: ['file:///mnt/bench/'] }, target)).toBe(allowed);
  });

  it.each([
    ['s3://10.0.0.1:9000', 's3://10.0.0.1:9000/any/prefix/', true],
    ['s3://10.0.0.1:9000/', 's3://10.0.0.1:9001/any/', false],
    ['s3://10.0.0.1:9000', 's3://10.0.0.10:9000/any/', false],
    ['s3+https://s3.example.com', 's3+https://S3.example.com:443/b/', true],
    ['s3+https://s3.example.com', 's3+http://s3.example.com/b/', false],
    ['s3://10.0.0.1:9000/bench', 's3://10.0.0.1:9000/bench/x/', true],
    ['s3://10.0.0.1:9000/bench', 's3://10.0.0.1:9000/bench2/x/', false],
    ['s3://10.0.0.1:9000/bench/a', 's3://10.0.0.1:9000/bench/a/b/', true],
    ['s3://10.0.0.1:9000/bench/a', 's3://10.0.0.1:9000/bench/ab/', false],
    ['s3://bench/a/', 's3://bench/a/', true],
    ['s3://bench', 's3://bench-2/', false],
    ['s3://bench', 's3://10.0.0.1:9000/bench/', false],
    ['s3://10.0.0.1:9000/bench', 'file:///bench/', false],
  ])('with --allow-target %s, %s: %s', async (rule, target, allowed) => {
    expect(await permits({ targets: [rule] }, target)).toBe(allowed);
  });

  it('are all of those of several rules, and all places without any rule', async () => {
    const rules = { targets: ['s3://bench'], paths: ['/mnt/a', '/mnt/b/'] };
    for (const target of ['s3://bench/x/', 'file:///mnt/a/', 'file:///mnt/b/']) {
      expect(await permits(rules, target)).toBe(true);
    }
    expect(await permits({}, 'file:///etc/')).toBe(true);
  });

  it('are not left by way of a server that the controller names', async () => {
    const rules = { targets: ['s3://bench'] };
    expect(await permits(rules, 's3://bench/', 'http://10.6.6.6:9000')).toBe(false);
    expect(
      await permits({ targets: ['s3://10.6.6.6:9000'] }, 's3://bench/', 'http://10.6.6.6:9000'),
    ).toBe(true);
  });

  it.each([
    ['s3://bench/a/', { targets: ['s3://bench/a'] }],
    ['file:///mnt/bench/', { paths: ['/mnt/bench'] }],
  ])('are not left by keys that lead upwards, as below %s', async (target, rules) => {
    const plan = planOf(workload(target));
    const [operation] = plan.operations;
    const beyond = { ...plan, operations: [{ ...operation, prefix: '../../other/' }] } as AgentPlan;
    await expect(listOf(rules).check(beyond)).rejects.toThrow(
      'this agent may not use ../../other/',
    );
  });

  it('hold for other files that a plan names as well', async () => {
    const yaml = `${workload('file:///mnt/bench/')}distributed: {kv_cache_dir: /var/elsewhere}\n`;
    await expect(listOf({ paths: ['/mnt/bench'] }).check(planOf(yaml))).rejects.toThrow(
      'this agent may not use /var/elsewhere',
    );
  });

  it('are not left by parts of paths that lead upwards', async () => {
    const yaml = `${workload('file:///mnt/bench/')}distributed: {kv_cache_dir: /mnt/bench/../x}\n`;
    await expect(listOf({ paths: ['/mnt/bench'] }).check(planOf(yaml))).rejects.toThrow(
      'this agent may not use /mnt/bench/../x',
    );
  });

  it.each(['mnt', '', './x', '/mnt/../etc'])('cannot be given as %j', (path) => {
    expect(() => new AllowList({ targets: [], paths: [path] })).toThrow(
      expect.objectContaining({ code: 'ALLOW_PATH' }),
    );
  });

  it('are whole directories, whatever their names', () => {
    const name = fc.stringMatching(/^[a-z.]{1,4}$/).filter((text) => !/^\.+$/.test(text));
    return fc.assert(
      fc.asyncProperty(
        fc.array(name, { minLength: 1 }),
        fc.array(name, { minLength: 1 }),
        async (rule, path) => {
          const isBelow = rule.every((part, index) => part === path[index]);
          return (
            (await permits({ paths: [`/${rule.join('/')}`] }, `file:///${path.join('/')}/`)) ===
            isBelow
          );
        },
      ),
    );
  });
});

describe('links between directories', () => {
  const leads = (links: Record<string, string>): FindPlaces => {
    return (paths) =>
      Promise.resolve(
        paths.map((path) => {
          const link = Object.keys(links).find((each) => `${path}/`.startsWith(`${each}/`)) ?? '';
          return { path, place: (links[link] ?? '') + path.slice(link.length) };
        }),
      );
  };
  const check = (target: string, findPlaces: FindPlaces): Promise<void> =>
    listOf({ paths: ['/mnt/bench'] }, findPlaces).check(planOf(workload(target)));

  it('do not lead out of what is allowed', async () => {
    const refused = check('file:///mnt/bench/out/', leads({ '/mnt/bench/out': '/etc' }));
    await expect(refused).rejects.toMatchObject({
      code: 'PLAN_FORBIDDEN',
      message: 'this agent may not use file:///mnt/bench/out/: it leads to /etc/',
    });
  });

  it('do not lead out of it behind the address of a store either', async () => {
    const refused = check('file:///mnt/bench/', leads({ '/mnt/bench/x': '/etc' }));
    await expect(refused).rejects.toThrow(
      'this agent may not use /mnt/bench/x/: it leads to /etc/',
    );
  });

  it('may lead from one allowed place to another, and to it from elsewhere', async () => {
    await check('file:///mnt/bench/in/', leads({ '/mnt/bench/in': '/mnt/bench/deep' }));
    await check('file:///elsewhere/', leads({ '/elsewhere': '/mnt/bench' }));
  });

  it('may be what is allowed', async () => {
    const findPlaces = leads({ '/mnt/bench': '/data/bench' });
    await check('file:///mnt/bench/', findPlaces);
    await check('file:///data/bench/', findPlaces);
    await expect(check('file:///data/bench2/', findPlaces)).rejects.toThrow(
      'this agent may not use file:///data/bench2/',
    );
  });

  it('that nobody can follow lead to nothing that is allowed', async () => {
    const why = 'EACCES: permission denied';
    const closed: FindPlaces = (paths) => Promise.resolve(paths.map((path) => ({ path, why })));
    await expect(check('file:///mnt/bench/', closed)).rejects.toThrow(
      'this agent may not use file:///mnt/bench/: it cannot be told where it leads: EACCES',
    );
    await expect(check('file:///mnt/bench/', () => Promise.resolve([]))).rejects.toThrow(
      'this agent may not use file:///mnt/bench/: its storage does not tell where it leads',
    );
  });
});
