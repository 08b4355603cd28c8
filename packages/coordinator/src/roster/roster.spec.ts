import { describe, expect, it } from '@jest/globals';
import type { AgentEntry } from '@sai3bench/workload-config';
import { resolveRoster, type RosterOptions } from './roster.ts';

const entry = (address: string, id?: string): AgentEntry => ({
  address,
  id,
  targetOverride: undefined,
  concurrencyOverride: undefined,
  multiEndpoint: undefined,
  cacheDirectory: undefined,
});
const options: RosterOptions = {
  agents: undefined,
  agentIds: undefined,
  readFile: () => '',
};

describe('resolveRoster()', () => {
  it('is one local agent when nobody names any', () => {
    const { agents, isLocal, source } = resolveRoster([], options);
    expect(isLocal).toBe(true);
    expect(agents.map(({ id }) => id)).toEqual(['agent-1']);
    expect(source).toContain('one local agent');
  });

  it('names the local agent as the command line says, if that can be a name', () => {
    expect(resolveRoster([], { ...options, agentIds: 'mine' }).agents[0]?.id).toBe('mine');
    expect(() => resolveRoster([], { ...options, agentIds: '../evil' })).toThrow(
      expect.objectContaining({ code: 'AGENT_IDS' }),
    );
    expect(() => resolveRoster([], { ...options, agentIds: 'a,b' })).toThrow('2 ids for 1 agent');
  });

  it('numbers agents without a name around the names that are taken', () => {
    const entries = [entry('127.0.0.1:1'), entry('127.0.0.1:2', 'agent-1')];
    const { agents } = resolveRoster(entries, options);
    expect(agents.map(({ id }) => id)).toEqual(['agent-2', 'agent-1']);
  });

  it('takes agents and ids from the workload file', () => {
    const entries = [entry('127.0.0.1'), entry('127.0.0.1:7168', 'second')];
    const roster = resolveRoster(entries, options);
    expect(roster.agents.map(({ address, id }) => [id, address])).toEqual([
      ['agent-1', '127.0.0.1:7167'],
      ['second', '127.0.0.1:7168'],
    ]);
    expect(roster.source).toBe('distributed.agents of the workload file');
  });

  it('lets the command line win, says so, and still uses what the file says of the same address', () => {
    const entries = [entry('127.0.0.1:1', 'one'), entry('127.0.0.1:2', 'two')];
    const roster = resolveRoster(entries, { ...options, agents: '127.0.0.1:2,127.0.0.1:3' });
    expect(roster.agents.map(({ entry: of, id }) => [id, of?.address])).toEqual([
      ['two', '127.0.0.1:2'],
      ['agent-2', undefined],
    ]);
    expect(roster.source).toContain('has settings for 1 of them');
    const other = resolveRoster(entries, { ...options, agents: '127.0.0.1:9' });
    expect(other.source).toContain('distributed.agents of the workload file is not used');
  });

  it('takes ids from the command line', () => {
    const roster = resolveRoster([], {
      ...options,
      agents: '127.0.0.1:1,127.0.0.1:2',
      agentIds: 'a, b',
    });
    expect(roster.agents.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it.each([
    ['a', '1 id for 2 agents'],
    ['a,a', 'two agents have the id a'],
    ['a,../b', 'cannot be the id of an agent'],
  ])('refuses the ids %s', (agentIds, why) => {
    expect(() =>
      resolveRoster([], { ...options, agents: '127.0.0.1:1,127.0.0.1:2', agentIds }),
    ).toThrow(
      expect.objectContaining({ code: 'AGENT_IDS', message: expect.stringContaining(why) }),
    );
  });

  it('refuses a workload file that names an agent twice', () => {
    expect(() => resolveRoster([entry('127.0.0.1'), entry('127.0.0.1:7167')], options)).toThrow(
      expect.objectContaining({ code: 'AGENT_LIST' }),
    );
  });
});
