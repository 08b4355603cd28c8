import { describe, expect, it } from '@jest/globals';
import type { PerfRow } from '@sai3bench/results-dir';
import { OperationStats } from '@sai3bench/stats';
import { AgentRows } from './agent-rows.ts';

function makeRows(agents: number) {
  const written: PerfRow[] = [];
  const rows = new AgentRows({ name: 'execute', startedAtMs: 1_000_000 }, agents, {
    agentRow: (_, row) => written.push(row),
    takeInterval: () => new OperationStats(),
  });
  const add = (agentId: string, interval: number, userPct = 0): void => {
    const cpu = { userPct, systemPct: 1, iowaitPct: 0 };
    rows.add(agentId, { cpu, interval }, 1000, interval * 1000);
  };
  return { add, rows, written };
}

describe('AgentRows', () => {
  it('writes a row of each report', () => {
    const { add, written } = makeRows(2);
    add('a', 1, 20);
    add('a', 2, 40);
    expect(written).toMatchObject([
      { agentId: 'a', stage: 'execute', timestampMs: 1_001_000, agentsReporting: 1 },
      { agentId: 'a', elapsedMs: 2000, intervalMs: 1000, cpu: { userPct: 40, systemPct: 1 } },
    ]);
  });

  it('writes a row of ten reports when there are many agents, with the mean of what their hosts did', () => {
    const { add, written } = makeRows(101);
    for (let second = 1; second <= 10; second++) add('a', second, 10 * second);
    expect(written).toMatchObject([
      { elapsedMs: 10_000, intervalMs: 10_000, cpu: { userPct: 55 } },
    ]);
  });

  it('ends the rows of many agents with different seconds, also when they begin late in a stage', () => {
    const { add, written } = makeRows(101);
    for (let second = 601; second <= 630; second++) for (const id of 'abc') add(id, second);
    const endsOf = (id: string): number[] =>
      written.filter(({ agentId }) => agentId === id).map(({ elapsedMs }) => elapsedMs / 1000);
    expect(endsOf('a')).toEqual([610, 620, 630]);
    expect(endsOf('c')).toEqual([608, 618, 628]);
  });

  it('writes what is left when it is told to, and nothing when nothing is', () => {
    const { add, rows, written } = makeRows(101);
    for (const id of 'ab') add(id, 1);
    rows.write('a');
    expect(written.map(({ agentId }) => agentId)).toEqual(['a']);
    rows.writeAll();
    rows.writeAll();
    expect(written.map(({ agentId }) => agentId)).toEqual(['a', 'b']);
  });
});
