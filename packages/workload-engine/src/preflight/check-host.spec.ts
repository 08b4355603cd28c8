import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { errorsOf, findingsOf, findingsOfPlan, PUT, troublesOf } from '../testing/run-checks.ts';
import { planOf } from '../testing/run-plan.ts';
import { localPorts } from './check-host.ts';

const LARGE_PUT = 'duration: 1s\nworkload: [{op: put, path: n/, object_size: 8MiB, weight: 1}]';

describe('checks of the host', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => {
    directory.remove();
  });

  it('refuse more operations in flight than files may be open', async () => {
    expect(
      await errorsOf(`target: file://${directory.path}/\nconcurrency: 65000\n${PUT}`),
    ).toMatchObject([{ check: 'limits', class: 'RESOURCE' }]);
  });

  it('say how payloads are made when they would take too much memory otherwise', async () => {
    const findings = await findingsOf(`target: "null:"\nconcurrency: 1000\n${LARGE_PUT}`);
    expect(findings).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ level: 'info', class: 'RESOURCE', check: 'memory' }),
      ]),
    );
  });

  it('refuse more payloads in flight than there is memory for, and name what to lower', async () => {
    const errors = await errorsOf(`target: "null:"\nconcurrency: 65536\n${LARGE_PUT}`);
    expect(errors.filter(({ check }) => check === 'memory')).toMatchObject([
      {
        class: 'RESOURCE',
        message: expect.stringContaining('65,536 operations in flight need 4 GiB of memory'),
        hint: expect.stringContaining('lower concurrency'),
      },
    ]);
  });

  it('warn when some endpoints would be idle', async () => {
    const endpoints = 'multi_endpoint: {endpoints: ["null://a", "null://b", "null://c"]}';
    expect(await troublesOf(`${endpoints}\nconcurrency: 2\n${PUT}`)).toMatchObject([
      { level: 'warning', check: 'concurrency' },
    ]);
    expect(await troublesOf(`${endpoints}\nconcurrency: 3\n${PUT}`)).toEqual([]);
  });

  it('refuse a plan without storage: that there is nothing to check is no success', async () => {
    const plan = { ...planOf(`target: "null:"\n${PUT}`), stores: [], operations: [] };
    const findings = await findingsOfPlan(plan);
    expect(findings).toMatchObject([
      {
        level: 'error',
        class: 'CONFIG',
        check: 'address',
        hint: expect.stringContaining('target'),
      },
    ]);
  });

  it('ask for no storage where stages only run programs', async () => {
    const stages = '[{name: drop, type: custom, command: sync}, {name: look, type: validation}]';
    expect(await errorsOf(`distributed: {stages: ${stages}}`)).toEqual([]);
  });

  it('do not look for credentials where no storage needs any', async () => {
    const findings = await findingsOf(`target: file://${directory.path}/\n${PUT}`);
    expect(findings.map(({ check }) => check)).not.toContain('login');
  });
});

describe('localPorts()', () => {
  it('counts the ports of the range, both ends included', () => {
    expect(localPorts('32768\t60999\n')).toBe(28_232);
    expect(localPorts('1024 1024')).toBe(1);
  });

  it('knows nothing where the system tells nothing', () => {
    expect(localPorts(undefined)).toBeUndefined();
    expect(localPorts('?')).toBeUndefined();
  });
});
