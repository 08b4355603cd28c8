import { describe, expect, it } from '@jest/globals';
import { allocatePutOffs, PutOffs } from './put-offs.ts';

const SECOND_NS = 1e9;

/** What two threads see of one stage. */
function threads(): [PutOffs, PutOffs] {
  const memory = allocatePutOffs();
  return [new PutOffs(memory), new PutOffs(memory)];
}

describe('what is put off', () => {
  it('is counted over all threads until it is taken up again', () => {
    const [one, other] = threads();
    one.putOff(0);
    other.putOff(0);
    expect(one.waiting).toBe(2);
    one.takenUp();
    expect(other.waiting).toBe(1);
  });

  it('makes a row from the first to the latest, which any success ends', () => {
    const [one, other] = threads();
    expect(one.row).toEqual({ count: 0, lastedMs: 0 });
    one.putOff(5 * SECOND_NS);
    other.putOff(7 * SECOND_NS);
    expect(one.row).toEqual({ count: 2, lastedMs: 2_000 });
    other.succeeded();
    expect(one.row).toEqual({ count: 0, lastedMs: 0 });
    one.putOff(9 * SECOND_NS);
    expect(other.row).toEqual({ count: 1, lastedMs: 0 });
  });
});
