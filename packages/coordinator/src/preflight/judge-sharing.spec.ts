import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseWorkload } from '@sai3bench/workload-config';
import { type AgentSights, judgeSharing, sharingOf } from './judge-sharing.ts';

const TARGET = 'file:///mnt/x/';

/** What agents see that work in some directories; those of one directory see each other. */
function sightsOf(directories: readonly number[]): AgentSights[] {
  const idOf = (index: number): string => `agent-${String(index + 1)}`;
  return directories.map((directory, index) => ({
    id: idOf(index),
    needs: new Set([0]),
    sights: [
      {
        ...{ store: 0, target: TARGET },
        owners: directories.flatMap((other, at) => (other === directory ? [idOf(at)] : [])),
      },
    ],
  }));
}

const levelsOf = (findings: ReturnType<typeof judgeSharing>, level: string): string[] =>
  [...findings].flatMap(([id, own]) => (own.some((each) => each.level === level) ? [id] : []));

describe('judgeSharing()', () => {
  const directories = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 20 });

  it('refuses shared storage to exactly those who do not see what the first writes', () => {
    fc.assert(
      fc.property(directories, (all) => {
        const errors = levelsOf(judgeSharing(sightsOf(all), 'shared', 'agent-1'), 'error');
        const elsewhere = all.flatMap((directory, index) =>
          directory === all[0] ? [] : [`agent-${String(index + 1)}`],
        );
        expect(errors).toEqual(elsewhere);
      }),
    );
  });

  it('warns exactly those of separate storage who see somebody else, and refuses nobody', () => {
    fc.assert(
      fc.property(directories, (all) => {
        const findings = judgeSharing(sightsOf(all), 'separate', 'agent-1');
        const together = all.flatMap((directory, index) =>
          all.filter((other) => other === directory).length > 1
            ? [`agent-${String(index + 1)}`]
            : [],
        );
        expect(levelsOf(findings, 'warning')).toEqual(together);
        expect(levelsOf(findings, 'error')).toEqual([]);
      }),
    );
  });

  it('only tells what it is where the workload says nothing', () => {
    const findings = judgeSharing(sightsOf([0, 0]), 'unsaid', 'agent-1');
    expect(findings.get('agent-2')).toMatchObject([
      { level: 'info', message: expect.stringContaining('they work on the same storage') },
    ]);
  });

  it('uses the same words for all agents, so that they can be grouped', () => {
    for (const expectation of ['separate', 'unsaid'] as const) {
      const all = judgeSharing(sightsOf([0, 0, 0]), expectation, 'agent-1');
      expect(new Set([...all.values()].map((own) => JSON.stringify(own))).size).toBe(1);
    }
  });

  it('finds endpoints of one store that do not show the same objects', () => {
    const sights = ['s3://a/b/', 's3://c/b/'].map((target, index) => ({
      ...{ store: 0, target },
      owners: index === 0 ? ['agent-1'] : [],
    }));
    const agent = { id: 'agent-1', sights, needs: new Set([0]) };
    expect(judgeSharing([agent], 'shared', 'agent-1').get('agent-1')).toMatchObject([
      { level: 'error', target: 's3://c/b/', hint: expect.stringContaining('namespace: separate') },
    ]);
  });

  it('only warns where nothing is needed of what is there', () => {
    const writers = sightsOf([0, 1]).map((agent) => ({ ...agent, needs: new Set<number>() }));
    const findings = judgeSharing(writers, 'shared', 'agent-1');
    expect(findings.get('agent-2')).toMatchObject([{ level: 'warning', check: 'sharing' }]);
  });
});

describe('sharingOf()', () => {
  const sharingIn = (yaml: string, agents = 2) => sharingOf(parseWorkload(yaml, 'w.yaml'), agents);

  it('is what the file says, else shared for objects and unsaid for files', () => {
    const put = 'workload: [{op: put, path: n/, object_size: 1, weight: 1}]';
    const says = (shared: string): string => `distributed: {shared_filesystem: ${shared}}`;
    expect(sharingIn(`target: s3://b/\n${put}`)).toBe('shared');
    expect(sharingIn(`target: file:///x/\n${put}`)).toBe('unsaid');
    expect(sharingIn(`target: file:///x/\n${put}`, 1)).toBe('shared');
    expect(sharingIn(`target: file:///x/\n${put}\n${says('true')}`)).toBe('shared');
    expect(sharingIn(`target: s3://b/\n${put}\n${says('false')}`)).toBe('separate');
  });
});
