import { describe, expect, it } from '@jest/globals';
import type { PerfRow } from '@sai3bench/results-dir';
import { OperationStats } from '@sai3bench/stats';
import fc from 'fast-check';
import { progressOf } from '../testing/sample-reports.ts';
import { PerfRows, type PerfRowsState } from './perf-rows.ts';

function makeRows(ids: readonly string[]) {
  const total: PerfRow[] = [];
  const shown: PerfRow[] = [];
  const agents: PerfRow[] = [];
  const unwritten = new Map<string, OperationStats>();
  const rows = new PerfRows({ name: 'execute', startedAtMs: 1_000_000 }, ids, {
    reported: (agentId, progress) => {
      const stats = unwritten.get(agentId) ?? new OperationStats();
      stats.add(progress.stats);
      unwritten.set(agentId, stats);
    },
    agentRow: (_, row) => agents.push(row),
    takeInterval: (agentId) => {
      const stats = unwritten.get(agentId) ?? new OperationStats();
      unwritten.delete(agentId);
      return stats;
    },
    totalRow: (row) => total.push(row),
    latest: (row) => shown.push(row),
  });
  const add = (agentId: string, interval: number, count: number, elapsedMs?: number): void => {
    rows.add(agentId, progressOf(interval, count, elapsedMs));
  };
  return { rows, total, shown, agents, unwritten, add };
}

const counts = (rows: readonly PerfRow[]): number[] =>
  rows.map(({ stats }) => stats.operationCount());

describe('PerfRows', () => {
  it('writes a row for all agents when each has reported that second', () => {
    const { add, agents, total } = makeRows(['a', 'b']);
    add('a', 1, 10);
    expect(total).toHaveLength(0);
    expect(agents).toHaveLength(1);
    add('b', 1, 20);
    expect(total).toMatchObject([
      { agentId: 'controller', elapsedMs: 1000, timestampMs: 1_001_000, agentsReporting: 2 },
    ]);
    expect(counts(total)).toEqual([30]);
  });

  it.each([
    ['a whole second', 1000],
    ['a second that is cut short, in which nothing has ended', 900],
  ])('takes nothing of a report that is not well-formed: of %s', (_, elapsedMs) => {
    const { add, agents, rows, total, unwritten } = makeRows(['a', 'b']);
    const { stats, ...report } = progressOf(1, 0, elapsedMs);
    const times = { connectNs: 0, retryNs: 0, generateNs: 0, generateApartNs: 0 };
    const bad = {
      ...{ operation: 'PUT' as const, errors: 0, cancelled: 0, retries: 1, ...times },
      ...{ firstByte: new Uint8Array(), response: Uint8Array.of(1) },
    };
    expect(() => {
      rows.add('a', { ...report, stats: { ...stats, operations: [bad] } });
    }).toThrow(expect.objectContaining({ code: 'STATS_MALFORMED' }));
    expect(unwritten.size).toBe(0);
    expect(agents).toEqual([]);
    add('a', 1, 1);
    add('b', 1, 2);
    expect(counts(total)).toEqual([3]);
  });

  it('tells what happened in a second while one agent stood still, and what that did then in a row of its own once it tells', () => {
    const { add, agents, rows, total } = makeRows(['a', 'b']);
    add('b', 1, 10);
    for (let second = 1; second <= 20; second++) add('a', second, 100);
    add('b', 20, 50, 20_100);
    for (const second of [21, 22]) for (const id of ['a', 'b']) add(id, second, 100);
    rows.end();
    const seconds = Array.from({ length: 20 }, (_, index) => (index + 1) * 1000);
    expect(total.map(({ elapsedMs }) => elapsedMs)).toEqual([...seconds, 20_000, 21_000, 22_000]);
    expect(total.map(({ intervalMs }) => intervalMs)).toEqual([
      ...new Array<number>(20).fill(1000),
      ...[19_100, 950, 1000],
    ]);
    expect(counts(total)).toEqual([110, ...new Array<number>(19).fill(100), 50, 200, 200]);
    expect(total.slice(19).map(({ agentsReporting }) => agentsReporting)).toEqual([1, 1, 2, 2]);
    const own = agents.filter(({ agentId }) => agentId === 'b');
    expect(own.map(({ intervalMs }) => intervalMs)).toEqual([1000, 19_100, 900, 1000]);
  });

  it('does not wait for seconds that an agent has passed over', () => {
    const { add, total } = makeRows(['a', 'b']);
    add('a', 1, 1);
    add('a', 2, 1);
    add('b', 2, 5);
    expect(counts(total)).toEqual([1, 1, 5]);
    expect(total.map(({ intervalMs }) => intervalMs)).toEqual([1000, 1000, 2000]);
  });

  it('is about all the seconds in which all agents stood still', () => {
    const { add, total } = makeRows(['a']);
    add('a', 1, 10);
    add('a', 20, 190, 20_500);
    expect(total).toMatchObject([
      { elapsedMs: 1000, intervalMs: 1000 },
      { elapsedMs: 20_000, intervalMs: 19_500 },
    ]);
  });

  it('waits for an agent whose link is cut, so that each second holds what was done in it', () => {
    const { add, shown, total } = makeRows(['a', 'b']);
    for (let second = 1; second <= 40; second++) add('a', second, 1);
    expect(total).toEqual([]);
    for (let second = 1; second <= 40; second++) add('b', second, 10);
    expect(counts(total)).toEqual(Array.from({ length: 40 }, () => 11));
    expect(total.every(({ intervalMs }) => intervalMs === 1000)).toBe(true);
    expect(shown.at(-1)).toBe(total.at(-1));
  });

  it('shows what there is of a second after three more, while its row waits', () => {
    const { add, shown, total } = makeRows(['a', 'b']);
    for (const second of [1, 2, 3]) add('a', second, second);
    expect(shown).toEqual([]);
    for (const second of [4, 5]) add('a', second, second);
    expect(counts(shown)).toEqual([1, 2]);
    expect(total).toEqual([]);
    add('b', 1, 10);
    expect(counts(shown)).toEqual([1, 2]);
    expect(counts(total)).toEqual([11]);
  });

  it('waits no longer than a minute for an agent, and writes what that tells later in rows of its own', () => {
    const { add, rows, total } = makeRows(['a', 'b']);
    for (let second = 1; second <= 62; second++) add('a', second, 1);
    expect(total).toMatchObject([
      { elapsedMs: 1000, agentsReporting: 1 },
      { elapsedMs: 2000, agentsReporting: 1 },
    ]);
    for (let second = 1; second <= 62; second++) add('b', second, 100);
    rows.end();
    expect(counts(total)).toEqual([1, 1, 101, 200, ...new Array<number>(59).fill(101)]);
    expect(total[3]).toMatchObject({ elapsedMs: 3000, intervalMs: 2000, agentsReporting: 1 });
  });

  it('goes on where another controller was killed, whatever had been reported by then', () => {
    const reports = fc.array(
      fc.record({ agent: fc.constantFrom('a', 'b'), count: fc.integer({ min: 0, max: 5 }) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(reports, reports, (before, after) => {
        const whole = makeRows(['a', 'b']);
        const first = makeRows(['a', 'b']);
        const seconds = new Map([
          ['a', 0],
          ['b', 0],
        ]);
        const report = (to: (typeof whole)['add'][], all: typeof before): void => {
          for (const { agent, count } of all) {
            const second = (seconds.get(agent) ?? 0) + 1;
            seconds.set(agent, second);
            for (const add of to) add(agent, second, count);
          }
        };
        report([whole.add, first.add], before);
        const second = makeRows(['a', 'b']);
        second.rows.restore(JSON.parse(JSON.stringify(first.rows.state())) as PerfRowsState);
        report([whole.add, second.add], after);
        whole.rows.end();
        second.rows.end();
        const total = [...first.total, ...second.total];
        expect(counts(total)).toEqual(counts(whole.total));
        expect(total.map(({ elapsedMs }) => elapsedMs)).toEqual(
          whole.total.map(({ elapsedMs }) => elapsedMs),
        );
        const rows = [...first.agents, ...second.agents];
        expect(rows.map(({ intervalMs }) => intervalMs)).toEqual(
          whole.agents.map(({ intervalMs }) => intervalMs),
        );
      }),
    );
  });

  it('waits for the last seconds of an agent whose end another controller has noted, as long as they may come', () => {
    const { add, rows, total } = makeRows(['a', 'b', 'c']);
    for (const id of ['b', 'c']) {
      rows.expectAgain(id, 1_500);
      rows.agentEnded(id);
    }
    for (const second of [1, 2, 3]) add('a', second, 1);
    expect(total).toEqual([]);
    add('b', 1, 10);
    add('b', 2, 20, 1_500);
    rows.agentEnded('c');
    expect(counts(total)).toEqual([11, 21, 1]);
  });

  it('does not wait for an agent that has ended the stage', () => {
    const { add, rows, total } = makeRows(['a', 'b']);
    add('a', 1, 1);
    rows.agentEnded('b');
    expect(total).toHaveLength(1);
  });

  it('gives each of more than a hundred agents a row every ten seconds, not all at once, which add up', () => {
    const ids = Array.from({ length: 101 }, (_, index) => `agent-${String(index + 1)}`);
    const { add, agents, rows, total } = makeRows(ids);
    const atSecond: number[] = [];
    for (let second = 1; second <= 30; second++) {
      for (const id of ids) add(id, second, 1);
      atSecond.push(agents.length);
    }
    for (const id of ids) rows.agentEnded(id);
    rows.end();
    expect(total).toHaveLength(30);
    const own = agents.filter(({ agentId }) => agentId === 'agent-4');
    expect(own.map(({ elapsedMs }) => elapsedMs)).toEqual([7000, 17_000, 27_000, 30_000]);
    expect(own.map(({ intervalMs }) => intervalMs)).toEqual([7000, 10_000, 10_000, 3000]);
    expect(counts(own)).toEqual([7, 10, 10, 3]);
    expect(Math.max(...atSecond.map((rowsBy, index) => rowsBy - (atSecond[index - 1] ?? 0)))).toBe(
      11,
    );
  });

  it('gives the last row of a stage the time at which it was cut short', () => {
    const { add, agents, rows, total } = makeRows(['a']);
    add('a', 1, 5);
    add('a', 2, 2, 1250);
    rows.end();
    expect(total.map(({ elapsedMs }) => elapsedMs)).toEqual([1000, 1250]);
    expect(agents.map(({ intervalMs }) => intervalMs)).toEqual([1000, 250]);
  });

  it('keeps a last row that has the rest of an operation which was read while it was recorded', () => {
    const { add, agents, rows, total } = makeRows(['a']);
    add('a', 1, 10);
    const rest = { operation: 'GET', sizeBucket: 1, operations: 0, bytes: 4096 } as const;
    const slots = [{ ...rest, latencySumNs: 0, latency: new Uint8Array() }];
    const last = progressOf(2, 0, 1_050);
    rows.add('a', { ...last, stats: { ...last.stats, slots } });
    rows.end();
    for (const written of [total, agents]) {
      expect(written.at(-1)?.stats.countsOfClass('GET').bytes).toBe(4096);
    }
  });

  it('leaves out a last row in which nothing happened', () => {
    const { add, agents, rows, total } = makeRows(['a']);
    add('a', 1, 5);
    add('a', 2, 0, 1003);
    rows.end();
    expect(agents).toHaveLength(1);
    expect(total).toHaveLength(1);
  });

  it('has rows that add up to everything reported, in whatever order reports arrive', () => {
    const report = fc.record({
      agent: fc.constantFrom('a', 'b', 'c'),
      interval: fc.integer({ min: 1, max: 12 }),
      count: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 40 }), (reports) => {
        const { add, rows, total } = makeRows(['a', 'b', 'c']);
        const byAgent = ['a', 'b', 'c'].map((id) =>
          reports
            .filter(({ agent }) => agent === id)
            .toSorted((x, y) => x.interval - y.interval)
            .filter((each, index, all) => each.interval !== all[index - 1]?.interval),
        );
        // Each agent reports in order; the agents' reports interleave as the generator likes.
        const queue = byAgent
          .flat()
          .toSorted((x, y) => x.count - y.count || x.interval - y.interval);
        const next = new Map([
          ['a', 0],
          ['b', 0],
          ['c', 0],
        ]);
        for (const { agent } of queue) {
          const index = ['a', 'b', 'c'].indexOf(agent);
          const position = next.get(agent) ?? 0;
          next.set(agent, position + 1);
          const each = byAgent[index]?.[position];
          if (each !== undefined) add(agent, each.interval, each.count);
        }
        rows.end();
        const expected = byAgent.flat().reduce((sum, { count }) => sum + count, 0);
        expect(counts(total).reduce((sum, count) => sum + count, 0)).toBe(expected);
        const times = total.map(({ elapsedMs }) => elapsedMs);
        expect(times).toEqual(times.toSorted((x, y) => x - y));
      }),
    );
  });
});
