import { describe, expect, it } from '@jest/globals';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { programFindings, refusePrograms } from './program-findings.ts';

function planOf(...commands: string[]) {
  return planWith(...commands.map((command) => `command: ${command}`));
}

function planWith(...settings: string[]) {
  const stages = settings.map((text, index) => `{name: s${String(index)}, type: custom, ${text}}`);
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

  it('is only warned about one that is missing when its stage may fail', () => {
    const plan = planWith('command: /nowhere/tool, optional: true');
    expect(programFindings(plan, '/bin')).toMatchObject([
      {
        level: 'warning',
        message:
          'stage s0 runs /nowhere/tool, which is not there or not executable: it will fail, and as it is optional the run goes on',
      },
    ]);
  });
});
