import { describe, expect, it } from '@jest/globals';
import type { BegunStage, RunOutcome } from '@sai3bench/coordinator';
import { BenchError } from '@sai3bench/errors';
import { parseWorkload, type Workload } from '@sai3bench/workload-config';
import { hintsOfLeft, type LeftObjects, leftObjects } from './left-objects.ts';
import { renderOutcome, renderPlace } from './render-outcome.ts';

const BEGUN: BegunStage[] = (['validation', 'prepare', 'execute'] as const).map((kind) => ({
  ...{ kind, isWhole: false },
}));
const INTERRUPTED: RunOutcome = {
  begun: BEGUN,
  ...{ kind: 'interrupted', failures: [], operations: 3, errors: 0 },
  unconfirmed: [],
  optionalFailures: [],
};
const RUN_ID = '01234567-89ab-cdef-0123-456789abcdef';
const PREPARE = 'prepare: {ensure_objects: [{count: 1, size_spec: 1}]}';
const GET = '{op: get, path: prepared-*, weight: 1}';
const PUT = '{op: put, path: new/, object_size: 1, weight: 1}';

const workloadOf = (...keys: string[]): Workload =>
  parseWorkload(['target: file:///mnt/b/', ...keys].join('\n'), 'w.yaml');

function leftBy(...keys: string[]): LeftObjects {
  return leftObjects(workloadOf(...keys), RUN_ID, BEGUN);
}

function render(outcome: RunOutcome, left: LeftObjects): string[] {
  return renderOutcome(outcome, hintsOfLeft(left, 'w.yaml'));
}

describe('renderOutcome()', () => {
  it('says how to go on after a run that has left prepared objects, and how to delete them', () => {
    expect(render(INTERRUPTED, leftBy(PREPARE, `workload: [${GET}]`))).toEqual([
      '✗ Run interrupted: results up to then are kept',
      '  Operations really done: 3',
      '  See STATUS.txt in the results directory for the whole story',
      '  Prepared objects may still be there: another run of w.yaml goes on from them, sai3bench-ctl cleanup --config w.yaml deletes them',
    ]);
  });

  it('says of what the workload has put that cleanup leaves it, and how it is named', () => {
    const left = leftBy(`workload: [${PUT}]`);
    expect(render({ ...INTERRUPTED, kind: 'degraded' }, left).at(-1)).toBe(
      '  What the workload has made may still be there, and a later cleanup does not know it: remove what is named obj_0123456789ab-* by hand',
    );
    expect(render(INTERRUPTED, left).join('\n')).not.toContain('Prepared');
  });

  it.each([
    ['has made nothing', { ...INTERRUPTED, operations: 0 }, leftBy(PREPARE, `workload: [${PUT}]`)],
    ['only reads', INTERRUPTED, leftBy('workload: [{op: list, path: x/, weight: 1}]')],
    ['is complete', { ...INTERRUPTED, kind: 'completed' as const }, leftBy(`workload: [${PUT}]`)],
  ])('does not speak of what is left after a run that %s', (_, outcome, left) => {
    expect(render(outcome, left).join('\n')).not.toContain('still be there');
  });
});

describe('what a run has left', () => {
  const workload = workloadOf(PREPARE, `workload: [${PUT}]`);
  const made = ['obj_0123456789ab-'];
  const whole = (kind: BegunStage['kind']): BegunStage => ({ kind, isWhole: true });

  it.each<[string, BegunStage[], LeftObjects]>([
    ['nothing before a stage makes any', [whole('validation')], { prepared: false, madeByMix: [] }],
    [
      'nothing of a mix that was not begun',
      [{ kind: 'prepare', isWhole: false }],
      { prepared: true, madeByMix: [] },
    ],
    [
      'nothing of what a cleanup has deleted',
      [whole('prepare'), whole('execute'), whole('cleanup')],
      { prepared: false, madeByMix: [] },
    ],
    [
      'all that a cleanup has not deleted for certain',
      [whole('prepare'), whole('execute'), { kind: 'cleanup', isWhole: false }],
      { prepared: true, madeByMix: made },
    ],
    [
      'what was made after a cleanup',
      [whole('prepare'), whole('cleanup'), whole('execute')],
      { prepared: false, madeByMix: made },
    ],
  ])('is %s', (_, begun, expected) => {
    expect(leftObjects(workload, RUN_ID, begun)).toEqual(expected);
  });
});

describe('renderOutcome() of a run in which nothing was tried', () => {
  const untried = { ...INTERRUPTED, operations: 0 };

  it.each<[string, BegunStage[]]>([
    ['because no stage was begun', []],
    ['because its stages carry out no operations', [{ kind: 'validation', isWhole: true }]],
  ])('says so, %s', (_, begun) => {
    expect(renderOutcome({ ...untried, begun }, [])).toEqual([
      '✗ Run interrupted',
      '  No operation had been tried',
      '  See STATUS.txt in the results directory for the whole story',
    ]);
  });

  it('is told from one in which nothing succeeded', () => {
    expect(renderOutcome(untried, [])[1]).toBe('  Operations really done: 0 (none succeeded)');
  });
});

describe('renderOutcome() of a run whose end not all agents have confirmed', () => {
  it('names them, and what to do', () => {
    const outcome = { ...INTERRUPTED, unconfirmed: ['agent-2'] };
    expect(renderOutcome(outcome, [], ['stop it']).slice(-2)).toEqual([
      '⚠ agent-2: it has not confirmed that it has stopped: its I/O may go on',
      '  -> stop it',
    ]);
  });
});

describe('renderOutcome() of a run whose optional stages have failed', () => {
  const failuresOf = (stage: string, ...agents: string[]): RunOutcome['optionalFailures'] =>
    agents.map((agentId) => ({
      ...{ agentId, stage },
      error: new BenchError('it takes too long', { code: 'STAGE_TIMEOUT', class: 'timeout' }),
    }));
  const optionalFailures = [
    ...failuresOf('fill', 'agent-1', 'agent-2', 'agent-2'),
    ...failuresOf('warm', ...Array.from({ length: 30 }, (_, n) => `agent-${String(n + 1)}`)),
  ];
  const without = [
    '  Optional stage fill failed on agent-1, agent-2: what came after it may not have measured what it was to; see STATUS.txt',
    expect.stringMatching(/Optional stage warm failed on 30 agents/),
  ];

  it('says which of them, and where', () => {
    const outcome = { ...INTERRUPTED, kind: 'completed' as const, optionalFailures };
    expect(renderOutcome(outcome, [])).toEqual([
      '⚠ Run completed, but not all of its optional stages: 3 operations, 0 errors',
      ...without,
    ]);
  });

  it('says so too where the run has ended otherwise', () => {
    const outcome = { ...INTERRUPTED, optionalFailures };
    expect(renderOutcome(outcome, []).slice(1, 3)).toEqual(without);
  });
});

describe('leftObjects()', () => {
  it('knows of directories that the workload makes', () => {
    const left = leftBy(
      'prepare:',
      '  directory_structure: {width: 2, depth: 1, files_per_dir: 1}',
      '  ensure_objects: [{base_uri: tree/, count: 2, size_spec: 1}]',
      'workload: [{op: mkdir, path: tree/, weight: 1}]',
    );
    expect(left.madeByMix).toEqual(['dir_0123456789ab/']);
  });
});

describe('renderPlace()', () => {
  it('names where the results are, and does not say so when they were removed', () => {
    expect(renderPlace('/results', true)).toBe('Results saved to: /results');
    expect(renderPlace('/results', false)).toBe('Results LOST: /results is not there any more');
  });
});
