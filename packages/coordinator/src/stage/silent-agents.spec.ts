import { describe, expect, it } from '@jest/globals';
import { silentAgents } from './silent-agents.ts';

const TALLIES = new Map([
  ['agent-1', { elapsedMs: 9_000 }],
  ['agent-2', { elapsedMs: 5_000 }],
  ['agent-3', { elapsedMs: 0 }],
]);

describe('silentAgents()', () => {
  it('names those at work whose latest report is some seconds old, or has never come', () => {
    expect(silentAgents(TALLIES.keys(), TALLIES, 10_000)).toEqual([
      { agentId: 'agent-2', silentMs: 5_000 },
      { agentId: 'agent-3', silentMs: 10_000 },
    ]);
  });

  it('expects nothing of those that are not at work', () => {
    expect(silentAgents(['agent-1'], TALLIES, 10_000)).toEqual([]);
  });

  it('expects nothing at the beginning of a stage, nor before it', () => {
    expect(silentAgents(['agent-3'], TALLIES, 2_999)).toEqual([]);
    expect(silentAgents(['agent-3'], TALLIES, -5_000)).toEqual([]);
  });
});
