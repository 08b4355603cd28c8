import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Outbox } from './outbox.ts';

interface Sum {
  readonly sequence: number;
  readonly value: number;
  readonly mergeable: boolean;
}

/** An outbox of numbers of 1 byte each, of which those that are mergeable add up. */
const outboxOf = (limitBytes: number): Outbox<Sum> =>
  new Outbox<Sum>({
    limitBytes,
    sizeBytesOf: () => 1,
    merge: (earlier, later) =>
      earlier.mergeable && later.mergeable
        ? { ...later, value: earlier.value + later.value }
        : undefined,
  });
const add = (outbox: Outbox<Sum>, value: number, mergeable = true): void => {
  outbox.add((sequence) => ({ sequence, value, mergeable }));
};

describe('an outbox', () => {
  it('numbers messages from 1 and hands them out in order, as often as they are asked for', () => {
    const outbox = outboxOf(10);
    add(outbox, 7);
    add(outbox, 8);
    expect(outbox.take(0)).toMatchObject({ sequence: 1, message: { value: 7 } });
    expect(outbox.take(1)).toMatchObject({ sequence: 2, message: { value: 8 } });
    expect(outbox.take(0)).toMatchObject({ sequence: 1 });
    expect(outbox.take(2)).toBeUndefined();
  });

  it('forgets what is acknowledged, and says what that was', () => {
    const outbox = outboxOf(10);
    for (const value of [1, 2, 3]) add(outbox, value);
    expect(outbox.acknowledge(2).map(({ value }) => value)).toEqual([1, 2]);
    expect(outbox.acknowledge(2)).toEqual([]);
    expect(outbox.length).toBe(1);
    expect(outbox.sizeBytes).toBe(1);
    expect(outbox.take(0)).toMatchObject({ sequence: 3 });
  });

  it('merges what was never sent when there is too much of it', () => {
    const outbox = outboxOf(4);
    for (const value of [1, 2, 3, 4, 5]) add(outbox, value);
    expect(outbox.length).toBe(3);
    expect(outbox.take(0)).toMatchObject({ sequence: 2, message: { value: 3 } });
  });

  it('leaves what may have arrived as it is', () => {
    const outbox = outboxOf(2);
    add(outbox, 1);
    expect(outbox.take(0)).toMatchObject({ sequence: 1 });
    for (const value of [2, 3, 4]) add(outbox, value);
    expect(outbox.take(0)).toMatchObject({ sequence: 1, message: { value: 1 } });
  });

  it('keeps what cannot be merged, however much it is', () => {
    const outbox = outboxOf(2);
    for (let value = 0; value < 50; value++) add(outbox, value, false);
    expect(outbox.length).toBe(50);
  });

  it('loses nothing and counts nothing twice, whenever a link breaks and whatever was merged', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('add' as const), mergeable: fc.boolean() }),
      fc.record({ type: fc.constant('receive' as const) }),
      fc.record({ type: fc.constant('acknowledge' as const) }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1, max: 8 }),
        (steps, limit) => {
          const outbox = outboxOf(limit);
          let sent = 0;
          let received = 0;
          let last = 0;
          const receive = (): boolean => {
            const next = outbox.take(last);
            if (next === undefined) return false;
            received += next.message.value;
            last = next.sequence;
            return true;
          };
          for (const { type, ...rest } of steps) {
            if (type === 'add') {
              sent += 1;
              add(outbox, 1, 'mergeable' in rest && rest.mergeable);
            } else if (type === 'receive') receive();
            else outbox.acknowledge(last);
          }
          while (receive());
          expect(received).toBe(sent);
        },
      ),
    );
  });
});
