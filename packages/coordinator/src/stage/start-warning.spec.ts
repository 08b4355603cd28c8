import { describe, expect, it } from '@jest/globals';
import { startWarning } from './start-warning.ts';

/** Agents that begin so long after the instant that they were told. */
const startsAt = (...achieved: (number | null)[]) =>
  achieved.map((ms, index) => ({ agent: `agent-${String(index + 1)}`, achieved_ms: ms }));

describe('startWarning()', () => {
  it('says who began how much later than whom, and how much of the stage that is', () => {
    expect(startWarning('execute', startsAt(0.5, 95.3, null, 7), 2_000)).toBe(
      'agent-2 began 95ms after agent-1, 4.7 % of the stage, so rates are in part those of fewer agents: its host was busy, or heard of the start late',
    );
  });

  it.each([
    ['10 ms of a short stage', 10, 100],
    ['1 % of a long one', 200, 20_000],
  ])('takes %s for the same time, and no more', (_, skewMs, wallMs) => {
    expect(startWarning('hybrid', startsAt(1, 1 + skewMs), wallMs)).toBeUndefined();
    expect(startWarning('prepare', startsAt(1, 1.1 + skewMs), wallMs)).toContain('began');
  });

  it.each(['cleanup', 'verify', 'custom', 'validation'] as const)(
    'says nothing of a %s stage, which measures nothing',
    (kind) => {
      expect(startWarning(kind, startsAt(0, 900), 1_000)).toBeUndefined();
    },
  );

  it('says nothing where not two agents have begun anything', () => {
    expect(startWarning('execute', [], 1_000)).toBeUndefined();
    expect(startWarning('execute', startsAt(900, null), 1_000)).toBeUndefined();
  });
});
