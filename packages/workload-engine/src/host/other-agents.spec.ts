import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { planOf, type StageRecord, TestHost } from '../testing/run-plan.ts';

const COUNT = 20;
const EXECUTE = 1;

let directory: TemporaryDirectory;
let data: string;
let host: TestHost | undefined;

beforeEach(() => {
  directory = temporaryDirectory();
  data = join(directory.path, 'data');
  mkdirSync(data);
});
afterEach(async () => {
  await host?.kill();
  directory.remove();
});

/** The first of two agents that share a dataset; it has prepared its half, and reads only from that of the other. */
async function prepared(): Promise<TestHost> {
  host = new TestHost(
    planOf(
      `
target: file://${data}/
concurrency: 1
verify: full
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 100}]}
workload: [{op: get, path: "prepared-*", weight: 1}]
distributed:
  shared_filesystem: true
  path_selection: weighted
  partition_overlap: 1
  kv_cache_dir: ${directory.path}/cache
  stages:
    - {name: fill, order: 1, type: prepare}
    - {name: read, order: 2, type: execute, duration: 1s}
`,
      2,
    ),
    1,
  );
  await host.open();
  await host.runStages([0]);
  return host;
}

/** Has it read, when it was told how the parts of all agents are. */
async function read(
  agent: TestHost,
  condition: { isOurs: boolean; isWhole: boolean },
): Promise<StageRecord | undefined> {
  agent.told = agent.conditions.map(({ identity }) => ({ identity, ...condition }));
  const [record] = await agent.runStages([EXECUTE]);
  return record;
}

describe('an agent that reads what another owns', () => {
  it('compares it with the plan only where the other has made all of it', async () => {
    const agent = await prepared();
    for (let index = COUNT / 2; index < COUNT; index++) {
      const name = `prepared-${String(index).padStart(8, '0')}.dat`;
      writeFileSync(join(data, name), 'made by somebody else');
    }
    const found = await read(agent, { isOurs: false, isWhole: true });
    expect(found?.report).toMatchObject({ outcome: 'completed', errors: [] });
    expect(found?.report.stats.getChecks).toMatchObject({ content: 0, length: 0 });
    const made = await read(agent, { isOurs: true, isWhole: true });
    expect(made?.report.errors[0]?.code).toBe('INTEGRITY_LENGTH');
  });
});
