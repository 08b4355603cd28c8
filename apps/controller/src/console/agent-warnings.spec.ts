import { describe, expect, it } from '@jest/globals';
import { AgentWarnings } from './agent-warnings.ts';

describe('warnings of agents', () => {
  it('are shown with the name of the agent behind the sign', () => {
    const warnings = new AgentWarnings(() => 0);
    expect(warnings.take('agent-1', '⚠ The cache is damaged')).toBe(
      '⚠ agent-1: The cache is damaged',
    );
    expect(warnings.take('agent-1', 'The process is stuck')).toBe(
      '⚠ agent-1: The process is stuck',
    );
    expect(warnings.rest()).toEqual([]);
  });

  it('of one kind are shown three times, then once a minute with the number between', () => {
    let nowMs = 1_000;
    const warnings = new AgentWarnings(() => nowMs);
    const shown: string[] = [];
    for (let agent = 1; agent <= 1_000; agent++) {
      const line = warnings.take(
        `agent-${String(agent)}`,
        `⚠ The checkpoint s3://b/.cache-${String(agent)} failed`,
      );
      if (line !== undefined) shown.push(line);
    }
    expect(shown).toEqual([
      '⚠ agent-1: The checkpoint s3://b/.cache-1 failed',
      '⚠ agent-2: The checkpoint s3://b/.cache-2 failed',
      '⚠ agent-3: The checkpoint s3://b/.cache-3 failed',
    ]);
    nowMs += 60_000;
    expect(warnings.take('agent-1', '⚠ The checkpoint s3://b/.cache-1 failed')).toBe(
      '⚠ agent-1: The checkpoint s3://b/.cache-1 failed (and 997 more like it before)',
    );
    expect(warnings.take('agent-2', '⚠ The checkpoint s3://b/.cache-2 failed')).toBeUndefined();
  });

  it('that were left out are told once when a stage ends', () => {
    const warnings = new AgentWarnings(() => 0);
    for (let turn = 0; turn < 5; turn++) warnings.take('agent-1', '⚠ 503 of https://h:9000');
    expect(warnings.rest()).toEqual([
      '⚠ 2 more like "503 of https://h:9000": see agents/*/console.log in the results directory',
    ]);
    expect(warnings.rest()).toEqual([]);
  });

  it('of one kind do not keep another from being shown', () => {
    const warnings = new AgentWarnings(() => 0);
    for (let turn = 0; turn < 5; turn++) warnings.take('agent-1', '⚠ The checkpoint failed');
    expect(warnings.take('agent-1', '⚠ The cache is damaged')).toBe(
      '⚠ agent-1: The cache is damaged',
    );
  });

  it('stay few though every one is of another kind', () => {
    const warnings = new AgentWarnings(() => 0);
    const name = (index: number): string => 'x'.repeat(index + 1);
    const shown = Array.from({ length: 1_000 }, (_, index) => warnings.take('a', name(index)));
    expect(shown.filter((line) => line !== undefined)).toHaveLength(103);
    expect(warnings.rest()).toEqual([
      '⚠ 897 more like "other warnings of agents": see agents/*/console.log in the results directory',
    ]);
  });
});
