import { describe, expect, it } from '@jest/globals';
import { Terminal } from '@sai3bench/terminal';
import { temporaryDirectory } from '@sai3bench/testing';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { type HostEvent, monotonicClock } from '@sai3bench/workload-engine';
import { AgentLog } from '../console/agent-log.ts';
import { CustomStages } from './custom-stages.ts';

const TEXT = `
target: "null:"
workload: [{op: list, path: x/, weight: 1}]
distributed:
  stages:
    - {name: run, type: execute}
    - {name: drop, type: custom, command: sh, args: ["-c", "env | grep SAI3BENCH | sort"]}
`;

/** The custom stages of a run, with what they tell. */
function open(directory: string | undefined) {
  const lines: string[] = [];
  const events: HostEvent[] = [];
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const log = new AgentLog(
    new Terminal({ write: () => undefined, isTTY: false, columns: 80 }),
    false,
  );
  log.listen(({ text }) => lines.push(text));
  const stages = new CustomStages({
    plan: planAgent(parseWorkload(TEXT, 'w.yaml'), {
      ...{ agentId: 'agent-7', agentIndex: 0, agentCount: 1, entry: undefined },
      ...{ runId: 'run', dataSeed: '1' },
    }),
    ...{ directory, log },
    env: { PATH: process.env['PATH'], SAI3BENCH_TOKEN: 'secret', SAI3BENCH_CACHE_DIR: '/cache' },
    onEvent: (event) => {
      events.push(event);
      if (event.type === 'stage-ended') ended();
    },
    onGroup: () => undefined,
  });
  return { stages, lines, events, end };
}

const load = (stage: number) =>
  ({ type: 'load-stage', stage, startOver: false, goOnWith: [] }) as const;
const begin = (stage: number) =>
  ({ type: 'begin-stage', stage, startAtNs: monotonicClock()(), pools: [] }) as const;

describe('the custom stages of a run', () => {
  it('leave all other stages, and all that is no stage, to the process that does the I/O', () => {
    const { events, stages } = open('/nowhere');
    expect(stages.take(load(0))).toBe(false);
    expect(stages.take(begin(0))).toBe(false);
    expect(stages.take({ type: 'close' })).toBe(false);
    expect(events).toEqual([]);
  });

  it('are told to load like all others, and answer when who has told them is ready for it', async () => {
    const { events, stages } = open('/nowhere');
    expect(stages.take(load(1))).toBe(true);
    expect(events).toEqual([]);
    await Promise.resolve();
    expect(events).toMatchObject([{ type: 'stage-loaded', stage: 1, existing: 0, missing: 0 }]);
  });

  it('have the environment of the agent and say where they are, but not what the link is locked with', async () => {
    using directory = temporaryDirectory();
    const { end, lines, stages } = open(directory.path);
    expect(stages.take(begin(1))).toBe(true);
    await end;
    expect(lines).toEqual([
      'drop: SAI3BENCH_AGENT_ID=agent-7',
      'drop: SAI3BENCH_CACHE_DIR=/cache',
      'drop: SAI3BENCH_RUN_ID=run',
      'drop: SAI3BENCH_STAGE=drop',
    ]);
  });

  it('need a directory to run in', () => {
    const { stages } = open(undefined);
    expect(() => stages.take(begin(1))).toThrow(
      'stage drop has no directory to run its program in',
    );
  });
});
