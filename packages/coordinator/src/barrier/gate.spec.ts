import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { ALL_AT_ONCE, Gate } from './gate.ts';

const error = new BenchError('dead', { code: 'X', class: 'network' });
const gateOf = (ids: readonly string[], isPatient = false): Gate =>
  new Gate(new Map(ids.map((id) => [id, 'working'])), { ...ALL_AT_ONCE, isPatient }, () => 0);

describe('Gate', () => {
  it('opens when every agent has arrived', async () => {
    const gate = gateOf(['a', 'b']);
    gate.arrive('a');
    expect(gate.missing).toEqual(['b']);
    gate.arrive('b');
    expect(await gate.result).toEqual({ type: 'open', without: [] });
  });

  it('breaks as soon as an agent fails, also one that had arrived', async () => {
    const gate = gateOf(['a', 'b']);
    gate.arrive('a');
    gate.fail('a', error);
    expect(await gate.result).toEqual({ type: 'broken', failures: new Map([['a', error]]) });
  });

  it('waits for the others before it breaks when it is patient', async () => {
    const gate = gateOf(['a', 'b', 'c'], true);
    gate.fail('a', error);
    gate.arrive('b');
    expect(gate.missing).toEqual(['c']);
    gate.arrive('c');
    expect(await gate.result).toEqual({ type: 'broken', failures: new Map([['a', error]]) });
  });

  it('keeps the first failure of an agent', async () => {
    const gate = gateOf(['a']);
    gate.fail('a', error);
    gate.fail('a', new BenchError('later', { code: 'Y', class: 'network' }));
    expect(await gate.result).toEqual({ type: 'broken', failures: new Map([['a', error]]) });
  });
});
