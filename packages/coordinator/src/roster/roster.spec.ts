import { describe, expect, it } from '@jest/globals';
import type { AgentEntry } from '@sai3bench/workload-config';
import { resolveRoster, type RosterOptions } from './roster.ts';

const entry = (address: string, id?: string): AgentEntry => ({
  address,
  id,
  targetOverride: undefined,
  concurrencyOverride: undefined,
  multiEndpoint: undefined,
});
const options: RosterOptions = {
  agents: undefined,
  agentIds: undefined,
  insecure: false,
  readFile: () => '',
};

describe('resolveRoster()', () => {
  it('leaves the choice open when nobody names an agent', () => {
    expect(resolveRoster([], options)).toBeUndefined();
  });

  it('takes agents and ids from the workload file', () => {
    const entries = [entry('127.0.0.1'), entry('127.0.0.1:7168', 'second')];
    const roster = resolveRoster(entries, options);
    expect(roster?.agents.map(({ address, id }) => [id, address])).toEqual([
      ['agent-1', '127.0.0.1:7167'],
      ['second', '127.0.0.1:7168'],
    ]);
    expect(roster?.source).toBe('distributed.agents of the workload file');
  });

  it('lets the command line win, says so, and still uses what the file says of the same address', () => {
    const entries = [entry('127.0.0.1:1', 'one'), entry('127.0.0.1:2', 'two')];
    const roster = resolveRoster(entries, { ...options, agents: '127.0.0.1:2,127.0.0.1:3' });
    expect(roster?.agents.map(({ entry: of, id }) => [id, of?.address])).toEqual([
      ['two', '127.0.0.1:2'],
      ['agent-2', undefined],
    ]);
    expect(roster?.source).toContain('distributed.agents of the workload file is not used');
  });

  it('takes ids from the command line', () => {
    const roster = resolveRoster([], {
      ...options,
      agents: '127.0.0.1:1,127.0.0.1:2',
      agentIds: 'a, b',
    });
    expect(roster?.agents.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it.each([
    ['a', 'names 1 agents, but there are 2'],
    ['a,a', 'two agents have the id a'],
    ['a,../b', 'cannot be the id of an agent'],
  ])('refuses the ids %s', (agentIds, why) => {
    expect(() =>
      resolveRoster([], { ...options, agents: '127.0.0.1:1,127.0.0.1:2', agentIds }),
    ).toThrow(
      expect.objectContaining({ code: 'AGENT_IDS', message: expect.stringContaining(why) }),
    );
  });

  it('refuses agents on other hosts unless plaintext is allowed', () => {
    expect(() => resolveRoster([], { ...options, agents: '10.0.0.1' })).toThrow(
      expect.objectContaining({
        code: 'AGENT_INSECURE',
        hint: expect.stringContaining('--insecure'),
      }),
    );
    expect(
      resolveRoster([], { ...options, agents: '10.0.0.1', insecure: true })?.agents,
    ).toHaveLength(1);
  });

  it('refuses a workload file that names an agent twice', () => {
    expect(() => resolveRoster([entry('127.0.0.1'), entry('127.0.0.1:7167')], options)).toThrow(
      expect.objectContaining({ code: 'AGENT_LIST' }),
    );
  });
});
