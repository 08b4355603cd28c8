import { describe, expect, it } from '@jest/globals';
import {
  type PlainPreflight,
  type PlainPreflightAnswer,
  preflightAnswerFromWire,
  preflightAnswerToWire,
  preflightFromWire,
  preflightToWire,
} from './preflight.ts';

describe('preflight on the wire', () => {
  it.each<PlainPreflight>([
    { planJson: '{}', probeId: 'a1', sharing: undefined },
    { planJson: '{}', probeId: '', sharing: { step: 'place', owners: [] } },
    { planJson: '{}', probeId: 'a1', sharing: { step: 'look', owners: ['agent-1', 'agent-2'] } },
    { planJson: '{}', probeId: 'a1', sharing: { step: 'remove', owners: [] } },
  ])('asks the same on both sides: %j', (asked) => {
    expect(preflightFromWire(preflightToWire(asked))).toEqual(asked);
  });

  it.each<PlainPreflightAnswer>([
    {
      type: 'finding',
      finding: {
        ...{ level: 'error', class: 'NET', check: 'dns', target: 's3://b/' },
        ...{ message: 'no address', hint: 'check the name' },
      },
    },
    { type: 'sight', sight: { store: 1, target: 's3://b/', owners: ['agent-1'] } },
    { type: 'placed' },
    { type: 'end' },
  ])('answers the same on both sides: %j', (answer) => {
    expect(preflightAnswerFromWire(preflightAnswerToWire(answer))).toEqual(answer);
  });

  it('takes a step of a later version for one that writes nothing', () => {
    const wire = preflightToWire({
      planJson: '{}',
      probeId: 'a1',
      sharing: { step: 'place', owners: [] },
    });
    if (wire.sharing !== undefined) wire.sharing.step = 99 as never;
    expect(preflightFromWire(wire).sharing?.step).toBe('look');
  });
});
