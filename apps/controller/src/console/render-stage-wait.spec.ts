import { describe, expect, it } from '@jest/globals';
import { renderStageWait } from './render-stage-wait.ts';

const WAIT = { stage: 'prepare', loaded: 1, agents: 2, msLeft: 90_000, elapsedMs: 30_000 };

describe('renderStageWait()', () => {
  it('says how long agents still have', () => {
    expect(renderStageWait({ ...WAIT, progress: undefined })).toBe(
      'Getting ready for stage prepare: 1 of 2 agents (1m 30s left)',
    );
  });

  it('says what they do, how far they are, and how long it will take', () => {
    const progress = { what: 'verifying objects', done: 1_000, total: 5_000 };
    expect(renderStageWait({ ...WAIT, progress })).toBe(
      'Getting ready for stage prepare: 1 of 2 agents, verifying objects: 1,000 of 5,000, about 2m 00s left',
    );
  });

  it('estimates nothing before the beginning or without an end', () => {
    const progress = { what: 'reading', done: 0, total: 5 };
    expect(renderStageWait({ ...WAIT, progress })).toMatch(/reading: 0 of 5$/);
    expect(renderStageWait({ ...WAIT, progress: { ...progress, total: 0 } })).toMatch(
      /reading: 0$/,
    );
  });
});
