import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import {
  type Agent,
  agentsOption,
  groupMembers,
  runController,
  startAgent,
  startController,
} from './support/programs.ts';
import { withoutStarts } from './support/start-warnings.ts';
import { countOf, readResult } from './support/tables.ts';
import { PROMPTLY_MS, until } from './support/until.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

let agents: Agent[] = [];
let locked: Agent;
beforeAll(async () => {
  const allowing = (): Promise<Agent> => startAgent({}, '--allow-exec');
  agents = await Promise.all([allowing(), allowing()]);
  locked = await startAgent();
});
afterAll(async () => {
  await Promise.all([...agents, locked].map((agent) => agent.stop()));
});

interface StageOfRun {
  readonly name: string;
  readonly optional: boolean;
  readonly warnings: string[];
}

/** What `metadata.json` says of the stages of the only run of a workspace, of when they began aside. */
function stagesOf(workspace: Workspace): StageOfRun[] {
  const [results = ''] = workspace.results();
  const { stages } = JSON.parse(readResult(results, 'metadata.json')) as { stages: StageOfRun[] };
  return stages.map((stage) => ({ ...stage, warnings: withoutStarts(stage.warnings) }));
}

/** The arguments of a run on the agents that may run programs. */
function runOf(workspace: Workspace, yaml: string, on: readonly Agent[] = agents): string[] {
  const config = workspace.workload('stages.yaml', yaml);
  return [...agentsOption(...on), 'run', '--config', config, '--start-delay', '0'];
}

/** A workload of one custom stage that runs a script. */
function script(text: string, more = ''): string {
  return `distributed: {stages: [{name: drop, type: custom, command: sh, args: ["-c", ${JSON.stringify(text)}]${more}}]}`;
}

/** Waits until each agent has begun the script that writes down its process group; returns the groups. */
async function groupsBegun(workspace: Workspace, count: number): Promise<number[]> {
  const files = (): string[] =>
    readdirSync(workspace.path).filter((name) => /^group-agent-\d$/.test(name));
  await until(() => files().length === count);
  return files().map((name) => Number(readFileSync(join(workspace.path, name), 'utf8')));
}

/** A script that never ends, does not listen, and has a child that does not either. */
function hanging(workspace: Workspace): string {
  const file = `${workspace.path}/group-$SAI3BENCH_AGENT_ID`;
  return `trap "" TERM; sleep 600 & echo $$ > ${file}.new; mv ${file}.new ${file}; while :; do sleep 1; done`;
}

describe('a run of several epochs', () => {
  it('makes, measures and removes the objects in each of them, with results for every stage', async () => {
    await inWorkspace(async (workspace) => {
      const names = ['fill', 'run', 'wipe', 'fill-2', 'run-2', 'check', 'wipe-2'];
      const types = ['prepare', 'execute', 'cleanup', 'prepare', 'hybrid', 'validation', 'cleanup'];
      const stages = names.map(
        (name, index) => `{name: ${name}, order: ${String(index)}, type: ${types[index] ?? ''}}`,
      );
      stages[0] = '{name: fill, order: 0, type: prepare, expected_objects: 100}';
      const { exitCode, output } = await runController(
        workspace.path,
        runOf(
          workspace,
          `target: file://${workspace.path}/data/
duration: 400ms
concurrency: 4
prepare: {ensure_objects: [{count: 101, size_spec: 4KiB}]}
workload: [{op: get, path: "prepared-*", weight: 1}]
distributed: {shared_filesystem: true, stages: [${stages.toReversed().join(', ')}]}
`,
        ),
      );
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      const [results = ''] = workspace.results();
      expect(stagesOf(workspace).map(({ name }) => name)).toEqual(names);
      expect(stagesOf(workspace).map(({ warnings }) => warnings.join())).toEqual([
        'there were 101 objects; expected_objects is 100',
        ...names.slice(1).map(() => ''),
      ]);
      for (const [file, operation] of [
        ['01_fill', 'PUT'],
        ['03_wipe', 'DELETE'],
        ['04_fill-2', 'PUT'],
        ['07_wipe-2', 'DELETE'],
      ] as const) {
        expect(countOf(results, `${file}_results.tsv`, operation)).toBe(101);
      }
      for (const file of ['02_run', '05_run-2']) {
        expect(countOf(results, `${file}_results.tsv`, 'GET')).toBeGreaterThan(0);
      }
      expect(readResult(results, 'agents/agent-1/console.log')).toContain(
        "Known of this agent's objects prepared-*: 50 of 50 (100%): 50 made",
      );
      expect(existsSync(join(workspace.path, 'data'))).toBe(false);
    });
  });
});

describe('a validation stage', () => {
  it('fails the run and names the agent where an optional prepare has not made all objects', async () => {
    const server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
    server.faults.add({
      match: { operation: 'PutObject', key: /prepared-00000099/ },
      fault: { kind: 'error', code: 'AccessDenied' },
    });
    const doing = await Promise.all([startAgent(server.env), startAgent(server.env)]);
    try {
      await inWorkspace(async (workspace) => {
        const { exitCode, output } = await runController(
          workspace.path,
          runOf(
            workspace,
            `target: s3://${server.host}/bucket/
prepare: {ensure_objects: [{base_uri: a/, count: 100, size_spec: 100}]}
workload: [{op: get, path: a/, weight: 1}]
distributed:
  stages:
    - {name: fill, type: prepare, optional: true}
    - {name: check, type: validation}
    - {name: read, type: execute, duration: 1s}
`,
            doing,
          ),
        );
        expect({ exitCode, output }).toMatchObject({ exitCode: 1 });
        expect(output).toContain(
          'agent-2 failed in stage check: stage check misses objects that this agent was to make before: 1 of 50 a/prepared-* (1 not made)',
        );
        const [results = ''] = workspace.results();
        expect(readResult(results, 'STATUS.txt')).toContain('stage check misses objects');
        expect(readdirSync(results)).not.toContain('03_read_results.tsv');
      });
    } finally {
      await Promise.all(doing.map((agent) => agent.stop()));
      await server.stop();
    }
  });
});

describe('a hybrid stage', () => {
  const both = (workspace: Workspace, tasks: number, time: string): string => `
target: file://${workspace.path}/data/
concurrency: 4
workload: [{op: put, path: new/, object_size: 100, weight: 1}]
distributed:
  shared_filesystem: true
  stages: [{name: both, type: hybrid, max_duration: ${time}, expected_tasks: ${String(tasks)}}]
`;

  it('ends with its tasks, shared out over the agents, as many as are on the storage', async () => {
    await inWorkspace(async (workspace) => {
      const { exitCode, output } = await runController(
        workspace.path,
        runOf(workspace, both(workspace, 1_001, '60s')),
      );
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      const [results = ''] = workspace.results();
      expect(countOf(results, '01_both_results.tsv', 'PUT')).toBe(1_001);
      expect(readdirSync(join(workspace.path, 'data', 'new'))).toHaveLength(1_001);
      expect(stagesOf(workspace)).toMatchObject([{ name: 'both', warnings: [] }]);
    });
  });

  it('ends with its time, and says how much less was done than expected', async () => {
    await inWorkspace(async (workspace) => {
      const { exitCode, output } = await runController(
        workspace.path,
        runOf(workspace, both(workspace, 1_000_000_000, '500ms')),
      );
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      expect(output).toContain('expected_tasks is 1,000,000,000');
      const [stage] = stagesOf(workspace);
      expect(stage?.warnings).toEqual([
        expect.stringMatching(/operations were done.*expected_tasks is 1,000,000,000/),
      ]);
    });
  });
});

describe('a custom stage', () => {
  it('runs on every agent, and its output is in the results', async () => {
    await inWorkspace(async (workspace) => {
      const said = 'echo I am $SAI3BENCH_AGENT_ID; echo trouble >&2; touch mine; ls';
      const { exitCode, output } = await runController(
        workspace.path,
        runOf(workspace, script(said)),
      );
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      const [results = ''] = workspace.results();
      for (const id of ['agent-1', 'agent-2']) {
        const log = readResult(results, `agents/${id}/console.log`);
        for (const line of [`I am ${id}`, 'trouble', 'mine'])
          expect(log).toContain(`drop: ${line}\n`);
      }
    });
  });

  it('fails the run with its last words; the agents take the next one', async () => {
    await inWorkspace(async (workspace) => {
      const failing = '[ $SAI3BENCH_AGENT_ID = agent-1 ] || { echo no such device >&2; exit 7; }';
      const { exitCode, output } = await runController(
        workspace.path,
        runOf(workspace, script(failing)),
      );
      expect(exitCode).toBe(1);
      expect(output).toContain(
        'agent-2 failed in stage drop: sh ended with code 7: no such device',
      );
      const [results = ''] = workspace.results();
      expect(readResult(results, 'STATUS.txt')).toContain('TEST STATUS: FAILURE');
      const next = await runController(workspace.path, runOf(workspace, script('true')));
      expect(next.exitCode).toBe(0);
    });
  });

  it('that may fail is gone on from, and its results say that it has failed', async () => {
    await inWorkspace(async (workspace) => {
      const stages = script('exit 4', ', optional: true').replace(
        /}]}$/,
        '}, {name: run, type: execute}]}',
      );
      const { exitCode, output } = await runController(
        workspace.path,
        runOf(
          workspace,
          `target: "null:"\nduration: 300ms\nworkload: [{op: put, path: x, object_size: 1, weight: 1}]\n${stages}`,
        ),
      );
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      const [results = ''] = workspace.results();
      expect(readResult(results, '01_drop_results.tsv')).toContain('sh ended with code 4');
      expect(output).toMatch(
        /⚠ Run completed, but not all of its optional stages: .*\n {2}Optional stage drop failed on agent-\d, agent-\d: /,
      );
      const status = readResult(results, 'STATUS.txt');
      expect(status).toContain('TEST STATUS: SUCCESS\n');
      expect(status).toContain('Failed optional stages: 1\n');
      expect(status).toMatch(
        /=== Failed Optional Stages ===\nagent-\d in stage drop: sh ended with code 4.*\nagent-\d in stage drop: /,
      );
      expect(stagesOf(workspace)).toMatchObject([
        { name: 'drop', optional: true },
        { name: 'run', optional: false },
      ]);
      expect(countOf(results, '02_run_results.tsv', 'PUT')).toBeGreaterThan(0);
    });
  });

  it('that hangs ends within two seconds of Ctrl-C, with all that it has started', async () => {
    await inWorkspace(async (workspace) => {
      const controller = startController(
        workspace.path,
        runOf(workspace, script(hanging(workspace))),
      );
      const groups = await groupsBegun(workspace, 2);
      for (const group of groups) expect(groupMembers(group).length).toBeGreaterThan(1);
      const interruptedAt = Date.now();
      controller.process.kill('SIGINT');
      expect(await controller.ended).toBe(130);
      expect(Date.now() - interruptedAt).toBeLessThan(PROMPTLY_MS);
      await until(() => groups.flatMap(groupMembers).length === 0);
      const [results = ''] = workspace.results();
      expect(readResult(results, 'STATUS.txt')).toContain('TEST STATUS: INTERRUPTED');
      expect(readResult(results, 'STATUS.txt')).toContain('by Ctrl-C (SIGINT).');
      const next = await runController(workspace.path, runOf(workspace, script('true')));
      expect(next.exitCode).toBe(0);
    });
  });

  it('that takes too long ends with its timeout, with all that it has started', async () => {
    await inWorkspace(async (workspace) => {
      const { exitCode, output } = await runController(
        workspace.path,
        runOf(workspace, script(hanging(workspace), ', timeout_secs: 5s')),
      );
      expect(exitCode).toBe(1);
      expect(output).toContain('stage drop');
      const groups = await groupsBegun(workspace, 2);
      await until(() => groups.flatMap(groupMembers).length === 0);
    });
  });

  it('does not outlive an agent that is killed', async () => {
    await inWorkspace(async (workspace) => {
      const doomed = await startAgent({}, '--allow-exec');
      const controller = startController(
        workspace.path,
        runOf(workspace, script(hanging(workspace)), [doomed]),
      );
      const groups = await groupsBegun(workspace, 1);
      doomed.process.kill('SIGKILL');
      await doomed.ended;
      await until(() => groups.flatMap(groupMembers).length === 0);
      controller.process.kill('SIGINT');
      await controller.ended;
    });
  });

  it('is refused before anything runs by an agent that was started without --allow-exec', async () => {
    await inWorkspace(async (workspace) => {
      const touching = script(`touch ${workspace.path}/ran`);
      const { exitCode, output } = await runController(
        workspace.path,
        runOf(workspace, touching, [agents[0] ?? locked, locked]),
      );
      expect(exitCode).toBe(3);
      expect(output).toContain('this agent may not run programs, and stage drop runs sh');
      expect(output).toContain('--allow-exec');
      expect(existsSync(join(workspace.path, 'ran'))).toBe(false);
    });
  });

  it('is run by the agent that the controller starts itself if it is told so', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('local.yaml', script(`touch ${workspace.path}/ran`));
      const run = ['run', '--config', config, '--start-delay', '0'];
      expect((await runController(workspace.path, run)).exitCode).toBe(3);
      expect(existsSync(join(workspace.path, 'ran'))).toBe(false);
      expect((await runController(workspace.path, [...run, '--allow-exec'])).exitCode).toBe(0);
      expect(existsSync(join(workspace.path, 'ran'))).toBe(true);
    });
  });
});
