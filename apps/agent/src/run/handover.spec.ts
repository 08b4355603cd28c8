import { describe, expect, it } from '@jest/globals';
import { Handover } from './handover.ts';

/** A handover whose time passes when the test says so. */
function startHandover() {
  const timers = new Map<() => void, number>();
  const handover = new Handover((act, afterMs) => {
    timers.set(act, afterMs);
    return () => timers.delete(act);
  });
  let settled = false;
  const settle = async (): Promise<void> => {
    await handover.settle(300);
    settled = true;
  };
  const isSettled = async (): Promise<boolean> => {
    await new Promise((resolve) => setImmediate(resolve));
    return settled;
  };
  return { handover, timers, settle, isSettled };
}

describe('the handover of results', () => {
  it('is done when nothing was sent', async () => {
    const { handover, settle, isSettled } = startHandover();
    void settle();
    expect(handover.isDone).toBe(true);
    expect(await isSettled()).toBe(true);
  });

  it('waits until the last result is acknowledged, and leaves no timer', async () => {
    const { handover, timers, settle, isSettled } = startHandover();
    handover.sent(3);
    handover.sent(7);
    void settle();
    expect(handover.acknowledge(3)).toEqual([3]);
    expect(await isSettled()).toBe(false);
    expect(handover.acknowledge(9)).toEqual([7]);
    expect(await isSettled()).toBe(true);
    expect(timers.size).toBe(0);
  });

  it('does not wait for ever', async () => {
    const { handover, timers, settle, isSettled } = startHandover();
    handover.sent(3);
    void settle();
    expect([...timers.values()]).toEqual([300]);
    expect(await isSettled()).toBe(false);
    for (const timeIsUp of timers.keys()) timeIsUp();
    expect(await isSettled()).toBe(true);
    expect(handover.isDone).toBe(false);
  });

  it('does not wait when the link is lost, before or meanwhile', async () => {
    const before = startHandover();
    before.handover.sent(3);
    before.handover.linkLost();
    void before.settle();
    expect(await before.isSettled()).toBe(true);
    const meanwhile = startHandover();
    meanwhile.handover.sent(3);
    void meanwhile.settle();
    meanwhile.handover.linkLost();
    expect(await meanwhile.isSettled()).toBe(true);
    expect(meanwhile.timers.size).toBe(0);
  });

  it('takes an acknowledgement that comes late', async () => {
    const { handover, timers, settle, isSettled } = startHandover();
    handover.sent(3);
    void settle();
    for (const timeIsUp of timers.keys()) timeIsUp();
    expect(await isSettled()).toBe(true);
    expect(handover.acknowledge(3)).toEqual([3]);
    expect(handover.isDone).toBe(true);
  });
});
