import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  RUN_TABLE,
  type RunEffect,
  type RunInput,
  type RunState,
  runTransition,
} from './run-state.ts';

const STATES = Object.keys(RUN_TABLE) as RunState[];
const INPUTS = Object.keys(RUN_TABLE.idle) as RunInput[];

/** Feeds inputs to a run and returns where it ends and everything it did. */
function play(inputs: readonly RunInput[], from: RunState = 'idle') {
  const effects: RunEffect[] = [];
  let state = from;
  for (const input of inputs) {
    const next = runTransition(state, input);
    effects.push(...next.effects);
    state = next.state;
  }
  return { state, effects };
}

describe('the run table', () => {
  it('has a row for every input in every state', () => {
    for (const state of STATES) {
      expect(Object.keys(RUN_TABLE[state]).toSorted()).toEqual(INPUTS.toSorted());
    }
  });

  it('takes a run of two stages from start to end', () => {
    const stage: RunInput[] = ['load', 'loaded', 'begin', 'stage-ended'];
    const { state, effects } = play(['start', 'opened', ...stage, ...stage, 'finish', 'closed']);
    expect(state).toBe('ended');
    expect(effects.filter((effect) => effect === 'send-summary')).toHaveLength(2);
    expect(effects.at(-1)).toBe('send-ended');
  });

  it('reports a failure in every state', () => {
    for (const state of STATES) {
      expect(runTransition(state, 'failure').effects).toContain('report-failure');
    }
  });

  it('reports the loss of the I/O process wherever work may be under way', () => {
    for (const state of ['opening', 'ready', 'loading', 'loaded', 'running', 'closing'] as const) {
      expect(runTransition(state, 'host-gone').effects).toContain('report-failure');
    }
  });

  it('keeps the summary of a stage that ends while everything is being stopped', () => {
    expect(
      play(['start', 'opened', 'load', 'loaded', 'begin', 'abort', 'stage-ended']).effects,
    ).toContain('send-summary');
  });

  it('answers a command that does not fit the state with a violation, and stops', () => {
    expect(play(['start', 'begin']).effects).toContain('report-violation');
    expect(play(['start', 'opened', 'load', 'load']).state).toBe('stopping');
  });

  it('ends whatever happened before, once an abort has stopped the I/O process', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...INPUTS)), (inputs) => {
        expect(play([...inputs, 'abort', 'host-gone']).state).toBe('ended');
      }),
    );
  });

  it('says that it ended exactly once, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...INPUTS), { maxLength: 40 }), (inputs) => {
        const { effects, state } = play(inputs);
        const ends = effects.filter((effect) => effect === 'send-ended').length;
        expect(ends).toBe(state === 'ended' ? 1 : 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('starts the I/O process at most once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...INPUTS), { maxLength: 40 }), (inputs) => {
        const opened = play(inputs).effects.filter((effect) => effect === 'open-host');
        expect(opened.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
