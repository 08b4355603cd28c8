import { describe, expect, it } from '@jest/globals';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { programFindings, refusePrograms } from './program-findings.ts';

function planOf(...commands: string[]) {
  const stages = commands.map(
    (command, index) => `{name: s${String(index)}, type: custom, command: ${command}}`,
  );
  return planAgent(parseWorkload(`distributed: {stages: [${stages.join(', ')}]}`, 'w.yaml'), {
    ...{ agentId: 'a', agentIndex: 0, agentCount: 1, entry: undefined },
    ...{ runId: 'r', dataSeed: '1' },
  });
}

describe('a plan with programs', () => {
  it('is refused where none may be run', () => {
    expect(() => {
      refusePrograms(planOf('/bin/sh'), false);
    }).toThrow('this agent may not run programs, and stage s0 runs /bin/sh');
    expect(() => {
      refusePrograms(planOf('/bin/sh'), true);
    }).not.toThrow();
  });

  it('is no different from others where it has none', () => {
    expect(() => {
      refusePrograms({ stages: [] }, false);
    }).not.toThrow();
    expect(programFindings({ stages: [] }, '/bin')).toEqual([]);
  });

  it('has a finding for each of them', () => {
    const findings = programFindings(planOf('sh', '/nowhere/tool'), '/usr/bin:/bin');
    expect(findings).toMatchObject([
      {
        level: 'success',
        class: 'CONFIG',
        message: expect.stringMatching(/^stage s0 runs \/.*sh$/),
      },
      {
        level: 'error',
        class: 'CONFIG',
        message: 'stage s1 runs /nowhere/tool, which is not there or not executable',
      },
    ]);
  });
});
