import { describe, expect, it } from '@jest/globals';
import { membersOf } from './process-group.ts';

const STATS = [
  '100 (sh) S 1 100 100 0 -1 4194304',
  '101 (a) b (c)) D 100 100 100 0 -1 4194304',
  '102 (done) Z 100 100 100 0 -1 4194304',
  '103 (other) R 1 103 103 0 -1 4194304',
  'nonsense',
];

describe('a process group', () => {
  it('has those of its processes that have not ended', () => {
    expect(membersOf(100, () => STATS)).toEqual([
      { id: 100, command: 'sh', isStuck: false },
      { id: 101, command: 'a) b (c)', isStuck: true },
    ]);
  });

  it('is empty when all have ended', () => {
    expect(membersOf(200, () => STATS)).toEqual([]);
  });
});
