import { describe, expect, it } from '@jest/globals';
import { type AgentPlan, parseWorkload, planAgent } from '@sai3bench/workload-config';
import fc from 'fast-check';
import { AllowList, type AllowOptions } from './allow-list.ts';

function planOf(yaml: string): AgentPlan {
  return planAgent(parseWorkload(yaml, 'w.yaml'), {
    ...{ agentId: 'a', agentIndex: 0, agentCount: 1, entry: undefined, runId: 'r', dataSeed: '1' },
  });
}

const workload = (target: string): string =>
  `target: "${target}"\nduration: 1s\nconcurrency: 1\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]\n`;

function permits(rules: Partial<AllowOptions>, target: string, endpointUrl?: string): boolean {
  const list = new AllowList({ targets: [], paths: [], ...rules });
  try {
    list.check(planOf(workload(target)), endpointUrl);
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
  ])('with --allow-path /mnt/bench, %s: %s', (target, allowed) => {
    expect(permits({ paths: ['/mnt/bench'] }, target)).toBe(allowed);
    expect(permits({ targets: ['file:///mnt/bench/'] }, target)).toBe(allowed);
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
  ])('with --allow-target %s, %s: %s', (rule, target, allowed) => {
    expect(permits({ targets: [rule] }, target)).toBe(allowed);
  });

  it('are all of those of several rules, and all places without any rule', () => {
    const rules = { targets: ['s3://bench'], paths: ['/mnt/a', '/mnt/b/'] };
    expect(
      ['s3://bench/x/', 'file:///mnt/a/', 'file:///mnt/b/'].every((t) => permits(rules, t)),
    ).toBe(true);
    expect(permits({}, 'file:///etc/')).toBe(true);
  });

  it('are not left by way of a server that the controller names', () => {
    const rules = { targets: ['s3://bench'] };
    expect(permits(rules, 's3://bench/', 'http://10.6.6.6:9000')).toBe(false);
    expect(
      permits({ targets: ['s3://10.6.6.6:9000'] }, 's3://bench/', 'http://10.6.6.6:9000'),
    ).toBe(true);
  });

  it('are not left by keys that lead upwards', () => {
    const plan = planOf(workload('s3://bench/a/'));
    const [operation] = plan.operations;
    const list = new AllowList({ targets: ['s3://bench/a'], paths: [] });
    const beyond = { ...plan, operations: [{ ...operation, prefix: '../../other/' }] } as AgentPlan;
    expect(() => {
      list.check(beyond);
    }).toThrow('this agent may not use ../../other/');
  });

  it('hold for other files that a plan names as well', () => {
    const yaml = `${workload('file:///mnt/bench/')}distributed: {kv_cache_dir: /var/elsewhere}\n`;
    expect(() => {
      new AllowList({ targets: [], paths: ['/mnt/bench'] }).check(planOf(yaml));
    }).toThrow('this agent may not use /var/elsewhere');
  });

  it.each(['mnt', '', './x', '/mnt/../etc'])('cannot be given as %j', (path) => {
    expect(() => new AllowList({ targets: [], paths: [path] })).toThrow(
      expect.objectContaining({ code: 'ALLOW_PATH' }),
    );
  });

  it('are whole directories, whatever their names', () => {
    const name = fc.stringMatching(/^[a-z.]{1,4}$/).filter((text) => !/^\.+$/.test(text));
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1 }),
        fc.array(name, { minLength: 1 }),
        (rule, path) => {
          const isBelow = rule.every((part, index) => part === path[index]);
          return (
            permits({ paths: [`/${rule.join('/')}`] }, `file:///${path.join('/')}/`) === isBelow
          );
        },
      ),
    );
  });
});
