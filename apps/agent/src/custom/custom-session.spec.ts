import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '@sai3bench/secret';
import { temporaryDirectory } from '@sai3bench/testing';
import { startSession, type StartedSession } from '../testing/started-session.ts';
import { membersOf } from './process-group.ts';

/** A run of one stage that runs a script. */
function running(script: string): string {
  return `distributed: {stages: [{name: drop, type: custom, command: sh, args: ["-c", ${JSON.stringify(script)}]}]}`;
}

/** Starts a run and its only stage. */
async function begin(
  parent: string,
  script: string,
  secrets: readonly Secret[] = [],
): Promise<StartedSession> {
  const started = startSession(parent, running(script), secrets);
  await started.until('ready');
  started.send({
    case: 'loadStage',
    value: {
      $typeName: 'sai3bench.agent.v1.LoadStage',
      ...{ stage: 0, startOver: false, goOnWith: [] },
    },
  });
  await started.until('stageLoaded');
  started.send({
    case: 'beginStage',
    value: {
      $typeName: 'sai3bench.agent.v1.BeginStage',
      ...{ stage: 0, startAtMonotonicNs: process.hrtime.bigint(), pools: [] },
    },
  });
  return started;
}

/** Waits until a run has said something, and returns the number in it. */
async function numberIn({ output, until }: StartedSession, said: RegExp): Promise<number> {
  while (!said.test(output())) await until('stageProgress');
  return Number(said.exec(output())?.[1]);
}

/** The process group of a program, as it says itself. */
const GROUP = /drop: group (\d+)/;

describe('a run with a custom stage', () => {
  it('reports its end like that of any other stage, and removes what its program has left', async () => {
    using parent = temporaryDirectory();
    const { output, send, session, until } = await begin(
      parent.path,
      'echo hello; pwd; touch left',
    );
    const { event, sequence } = await until('stageSummary');
    expect(event.value).toMatchObject({ stage: 0, outcome: 1 });
    expect(output()).toContain('drop: hello');
    const [directory = ''] = readdirSync(parent.path);
    expect(output()).toContain(`drop: ${join(parent.path, directory, 'custom')}`);
    expect(existsSync(join(parent.path, directory, 'custom', 'left'))).toBe(true);
    send({ case: 'acknowledge', value: { $typeName: 'sai3bench.agent.v1.Acknowledge', sequence } });
    send({ case: 'finishRun', value: { $typeName: 'sai3bench.agent.v1.FinishRun' } });
    await session.ended;
    expect(readdirSync(parent.path)).toEqual([]);
  });

  it('tells no secret of the agent that its program says when it fails', async () => {
    using parent = temporaryDirectory();
    const key = 'wJalrXUtnFEMI/K7MDENG';
    const { output, session, until } = await begin(
      parent.path,
      `echo "no access for ${key}" >&2; exit 3`,
      [new Secret(key)],
    );
    const { event } = await until('stageSummary');
    const told = JSON.stringify(event.value, (_, part: unknown) =>
      typeof part === 'bigint' ? String(part) : part,
    );
    expect(told).toContain('no access for ***');
    expect(`${told}${output()}`).not.toContain(key);
    session.abort('the test is over');
    await session.ended;
  });

  it('ends its program, and tells what it has done, when it is aborted', async () => {
    using parent = temporaryDirectory();
    const started = await begin(parent.path, 'sleep 60 & echo group $$; wait');
    const { session, until } = started;
    const group = await numberIn(started, GROUP);
    expect(membersOf(group)).toHaveLength(2);
    session.abort('test');
    const { event } = await until('stageSummary');
    expect(event.value).toMatchObject({ outcome: 2 });
    await session.ended;
    expect(membersOf(group)).toEqual([]);
  });

  it('ends its program when the process that does the I/O dies', async () => {
    using parent = temporaryDirectory();
    const script = 'echo group $$; ps -eo pid=,ppid=,args= | grep host-main; sleep 60';
    const started = await begin(parent.path, script);
    const { session, until } = started;
    const own = new RegExp(`drop:\\s+(\\d+)\\s+${String(process.pid)}\\s.*host-main`);
    const host = await numberIn(started, own);
    const group = await numberIn(started, GROUP);
    process.kill(host, 'SIGKILL');
    const { event } = await until('runFailed');
    expect(JSON.stringify(event.value)).toContain('HOST_DIED');
    await session.ended;
    expect(membersOf(group)).toEqual([]);
  });
});
