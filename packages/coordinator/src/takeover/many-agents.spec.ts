import { describe, expect, it } from '@jest/globals';
import { MANY_AGENTS, parseTsv } from '@sai3bench/results-dir';
import type { FakeAgent } from '../testing/fake-agent.ts';
import { EXECUTE, type FakeRun, fakeRuns } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();
const AGENTS = MANY_AGENTS + 1;
/** So many agents in one process take their time on a busy machine. */
const GUARD_MS = 240_000;
/** Seconds between rows of one of so many agents. */
const ROW_SECONDS = 10;
/** Reported when the controller last wrote how far it was, when it was killed, and by those that went on after that. */
const [WRITTEN, KILLED, ENDED] = [13, 16, 27];

/** Operations of an agent in a second: they differ, so that no second can take the place of another. */
const countOf = (agent: number, second: number): number => 1 + ((agent + second) % 5);

function sumOf(agents: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (const agent of agents) {
    for (let second = from; second <= to; second++) sum += countOf(agent, second);
  }
  return sum;
}

const ALL = Array.from({ length: AGENTS }, (_, agent) => agent);
/** Ends the stage before all others, so that the controller writes at once how far it is. */
const FIRST = 0;
/** Half of them end the stage before the controller is killed. */
const lastSecondOf = (agent: number): number =>
  agent === FIRST ? WRITTEN : agent % 2 === 0 ? KILLED : ENDED;
const TOTAL = ALL.reduce((sum, agent) => sum + sumOf([agent], 1, lastSecondOf(agent)), 0);

/** A run of many agents whose controller is killed in the execute stage, and taken over. */
async function takeOverMany(): Promise<FakeRun> {
  const fakes = new Map<number, FakeAgent>();
  const report = (agent: number, from: number, to: number): void => {
    const fake = fakes.get(agent);
    for (let second = from; second <= to; second++) fake?.progress(second, countOf(agent, second));
    if (to === lastSecondOf(agent)) fake?.summary(sumOf([agent], 1, to), to * 1000 - 1);
  };
  const { second } = await killAndTakeOver(run, {
    behaviorsOf: ({ keepProgress, kill }) =>
      ALL.map((agent) => ({
        onStage: (fake, stage) => {
          if (stage !== EXECUTE) {
            fake.summary(0, 0);
            return;
          }
          fakes.set(agent, fake);
          if (fakes.size === AGENTS) for (const each of ALL.toReversed()) report(each, 1, WRITTEN);
        },
        ...(agent === FIRST && {
          onAcknowledge: (summaries: number) => {
            if (summaries <= EXECUTE || fakes.get(agent)?.attached !== 0) return;
            keepProgress();
            for (const each of ALL) if (each !== FIRST) report(each, WRITTEN + 1, KILLED);
            kill();
          },
        }),
        onAttached: () => {
          if (lastSecondOf(agent) === ENDED) report(agent, KILLED + 1, ENDED);
        },
      })),
  });
  return second;
}

/** The rows of the stage in a file, with the seconds that each is about. */
const rowsOf = ({ read }: FakeRun, name: string) =>
  parseTsv(read(name))
    .filter(({ stage }) => stage === 'execute')
    .map((row) => {
      const to = Number(row['elapsed_s']);
      const count = Number(row['put_ops']);
      return { from: to + 1 - Math.round(count / Number(row['put_iops'])), to, count };
    });

describe('a run of more than a hundred agents that is taken over', () => {
  it(
    'has totals, tables and rows in which nothing counts twice, and misses less than a row of each agent',
    async () => {
      const second = await takeOverMany();
      expect(second.outcome).toMatchObject({ kind: 'completed', operations: TOTAL });
      const table = parseTsv(second.read('03_execute_results.tsv'));
      expect(table.find(({ operation }) => operation === 'PUT')?.['count']).toBe(String(TOTAL));

      const total = rowsOf(second, 'perf_log.tsv');
      expect(total.reduce((sum, { count }) => sum + count, 0)).toBe(TOTAL);
      expect(total.map(({ to }) => to)).toEqual(
        Array.from({ length: ENDED }, (_, index) => index + 1),
      );
      for (const agent of ALL) {
        const name = `agents/agent-${String(agent + 1)}`;
        const whole = sumOf([agent], 1, lastSecondOf(agent));
        const tables = parseTsv(second.read(`${name}/results.tsv`)).filter(
          (row) =>
            row['stage'] === 'execute' &&
            row['operation'] === 'PUT' &&
            row['size_bucket'] === 'ALL',
        );
        expect(tables.map(({ count }) => count)).toEqual([String(whole)]);
      }

      // What was not yet in a row of its own when the controller was killed is missing in those.
      for (const agent of ALL) {
        const own = rowsOf(second, `agents/agent-${String(agent + 1)}/perf_log.tsv`);
        let missing = 0;
        let last = 0;
        for (const { count, from, to } of own) {
          expect(from).toBeGreaterThan(last);
          expect(count).toBe(sumOf([agent], from, to));
          missing += from - last - 1;
          last = to;
        }
        expect(last).toBe(lastSecondOf(agent));
        expect(missing).toBeLessThan(ROW_SECONDS);
      }
    },
    GUARD_MS,
  );
});
