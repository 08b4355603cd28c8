import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Terminal } from '@sai3bench/terminal';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { type HostEvent, monotonicClock, type StageReport } from '@sai3bench/workload-engine';
import { AgentLog } from '../console/agent-log.ts';
import { CustomStage } from './custom-stage.ts';
import { type LookAtGroup, membersOf, survivorsOf } from './process-group.ts';

let parent: TemporaryDirectory;
const started: PlayedStage[] = [];
beforeEach(() => {
  parent = temporaryDirectory();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((stage) => stage.kill()));
  parent.remove();
});

/** A custom stage and what it tells. */
class PlayedStage {
  readonly report: Promise<StageReport>;
  readonly progress: number[] = [];
  readonly lines: string[] = [];
  group: number | undefined;
  readonly #stage: CustomStage;

  constructor(
    program: string,
    args: readonly string[],
    inMs = 0,
    lookAtGroup: LookAtGroup = survivorsOf,
  ) {
    let settle: (report: StageReport) => void = () => undefined;
    this.report = new Promise((resolve) => {
      settle = resolve;
    });
    const sink = { write: () => undefined, isTTY: false, columns: 80 };
    const log = new AgentLog(new Terminal(sink), false);
    log.listen(({ text }) => this.lines.push(text));
    this.#stage = new CustomStage(
      {
        ...{ stage: 3, name: 'drop', command: { program, args }, log, lookAtGroup },
        directory: join(parent.path, 'custom'),
        env: { ...process.env, SAI3BENCH_STAGE: 'drop' },
        onEvent: (event: HostEvent) => {
          if (event.type === 'progress') this.progress.push(event.progress.interval);
          if (event.type === 'stage-ended') settle(event.report);
        },
        onGroup: (group) => {
          this.group = group ?? this.group;
        },
      },
      monotonicClock()() + inMs * 1e6,
    );
    started.push(this);
  }

  stop(): void {
    this.#stage.stop();
  }

  async kill(): Promise<void> {
    await this.#stage.kill();
  }

  /** Waits until the program has said something. */
  async said(text: string): Promise<void> {
    while (!this.lines.includes(text)) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  get left(): number {
    return this.group === undefined ? -1 : membersOf(this.group).length;
  }
}

function shell(script: string, inMs?: number): PlayedStage {
  return new PlayedStage('sh', ['-c', script], inMs);
}

/** Expects the numbers of seconds in order, of which some may be left out where the machine stood still. */
function expectSeconds(seconds: readonly number[]): void {
  expect(seconds).not.toEqual([]);
  expect(seconds).toEqual([...new Set(seconds)].toSorted((a, b) => a - b));
}

/** Only root may raise a priority. */
const asRoot = process.getuid?.() === 0 ? it : it.skip;

describe('a custom stage', () => {
  it('is complete when its program ends with code 0, and its output is in the log', async () => {
    const stage = shell('echo one; echo two >&2; pwd; echo $SAI3BENCH_STAGE');
    expect(await stage.report).toMatchObject({ outcome: 'completed', tasksTotal: 0 });
    expect(stage.lines).toEqual(
      expect.arrayContaining([
        'drop: one',
        'drop: two',
        `drop: ${parent.path}/custom`,
        'drop: drop',
      ]),
    );
    expectSeconds(stage.progress);
  });

  asRoot('runs its program at the usual priority, though that of the agent is higher', async () => {
    const own = getPriority();
    setPriority(-5);
    try {
      // It has the priority of the agent at first.
      const stage = shell('until [ "$(nice)" = 0 ]; do sleep 0.1; done; nice');
      expect((await stage.report).outcome).toBe('completed');
      expect(stage.lines).toContain('drop: 0');
    } finally {
      setPriority(own);
    }
  });

  it('runs its program without a shell', async () => {
    const stage = new PlayedStage('echo', ['$HOME', '*', '; false']);
    expect((await stage.report).outcome).toBe('completed');
    expect(stage.lines).toContain('drop: $HOME * ; false');
  });

  it('begins at its time, and tells every second how it goes', async () => {
    const stage = shell('sleep 1.2', 300);
    const { firstStartMs, lastEndMs } = await stage.report;
    expect(firstStartMs).toBeGreaterThanOrEqual(0);
    expect(lastEndMs - firstStartMs).toBeGreaterThan(1_100);
    expectSeconds(stage.progress);
    expect(stage.progress.at(-1)).toBeGreaterThanOrEqual(2);
  });

  it('fails with the last lines of its error output', async () => {
    const stage = shell('echo out; for n in 1 2 3; do echo "line $n" >&2; done; exit 3');
    expect(await stage.report).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'CUSTOM_FAILED',
        message: 'sh ended with code 3',
        causes: ['line 1 | line 2 | line 3'],
      },
    });
  });

  it('fails when its program dies', async () => {
    expect(await shell('kill -SEGV $$').report).toMatchObject({
      outcome: 'failed',
      failure: { message: 'sh was ended by SIGSEGV' },
    });
  });

  it('fails when its program cannot be started', async () => {
    expect(await new PlayedStage('/nowhere/tool', []).report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'CUSTOM_NOT_STARTED', class: 'config' },
    });
  });

  it('fails when there is no place to run its program in', async () => {
    writeFileSync(join(parent.path, 'custom'), 'not a directory');
    expect(await shell('true').report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'CUSTOM_NO_DIRECTORY', class: 'resource' },
    });
  });

  it('is stopped with all that it has started', async () => {
    const stage = shell('sleep 60 & sleep 61 & echo up; wait');
    await stage.said('drop: up');
    expect(stage.left).toBe(3);
    stage.stop();
    expect(await stage.report).toMatchObject({ outcome: 'stopped' });
    expect(stage.left).toBe(0);
  });

  it('lets its program tidy up when it is stopped', async () => {
    const stage = shell(
      'trap "echo bye; touch tidy; exit" TERM; echo up; while :; do sleep 0.05; done',
    );
    await stage.said('drop: up');
    stage.stop();
    expect((await stage.report).outcome).toBe('stopped');
    expect(stage.lines).toContain('drop: bye');
    expect(existsSync(join(parent.path, 'custom', 'tidy'))).toBe(true);
  });

  it('kills a program that does not listen', async () => {
    const stage = shell('trap "" TERM; sleep 60 & echo up; while :; do sleep 1; done');
    await stage.said('drop: up');
    stage.stop();
    expect((await stage.report).outcome).toBe('stopped');
    expect(stage.left).toBe(0);
  });

  it('ends what its program leaves running, though that holds its output', async () => {
    const stage = shell('sleep 60 & echo done');
    expect((await stage.report).outcome).toBe('completed');
    expect(stage.lines).toContain('drop: done');
    expect(stage.left).toBe(0);
  });

  it('abandons what cannot even be killed, and names it', async () => {
    const stuck = [{ id: 99, command: 'dd', isStuck: true }];
    const stage = new PlayedStage('sh', ['-c', 'sleep 60 & echo up; wait'], 0, () => stuck);
    await stage.said('drop: up');
    stage.stop();
    expect((await stage.report).outcome).toBe('stopped');
    expect(stage.left).toBe(0);
    expect(stage.lines.at(-1)).toContain('dd (process 99) could not be ended and was abandoned');
  });

  it('can be stopped before it begins', async () => {
    const stage = shell('touch begun', 60_000);
    stage.stop();
    expect((await stage.report).outcome).toBe('stopped');
    expect(existsSync(join(parent.path, 'custom', 'begun'))).toBe(false);
  });

  it('can be killed at any time, without another word', async () => {
    const stage = shell('trap "" TERM; echo $$ > pid; echo up; while :; do sleep 1; done');
    await stage.said('drop: up');
    await stage.kill();
    expect(stage.left).toBe(0);
    expect(readFileSync(join(parent.path, 'custom', 'pid'), 'utf8').trim()).toBe(
      String(stage.group),
    );
  });
});
