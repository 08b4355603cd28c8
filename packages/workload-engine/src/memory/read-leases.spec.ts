import { describe, expect, it } from '@jest/globals';
import { allocateReadLeases, ReadLeases } from './read-leases.ts';

const leasesFor = (operations: number): ReadLeases =>
  new ReadLeases(allocateReadLeases(operations));

describe('ReadLeases', () => {
  it('hold an object until its last reader has left', () => {
    const leases = leasesFor(4);
    const first = leases.enter(0, 7);
    const second = leases.enter(0, 7);
    leases.leave(first);
    expect(leases.isHeld(0, 7)).toBe(true);
    leases.leave(second);
    expect(leases.isHeld(0, 7)).toBe(false);
  });

  it('seldom hold an object that nobody reads', () => {
    const leases = leasesFor(256);
    for (let object = 0; object < 256; object++) leases.enter(0, object * 4096);
    let held = 0;
    for (let object = 0; object < 10_000; object++) if (leases.isHeld(1, object)) held++;
    expect(held).toBeLessThan(1_000);
  });

  it('take memory by the operations in flight, not by the objects', () => {
    expect(allocateReadLeases(1).byteLength).toBe(4096);
    expect(allocateReadLeases(1000).byteLength).toBe(65_536);
  });
});
