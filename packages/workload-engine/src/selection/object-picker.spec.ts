import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import fc from 'fast-check';
import { LiveSet } from '../memory/live-set.ts';
import { ReadLeases } from '../memory/read-leases.ts';
import { allocateRunMemory } from '../memory/run-memory.ts';
import { allocateStageMemory } from '../memory/stage-memory.ts';
import { PoolObjects } from '../stage/pool-objects.ts';
import type { Slot } from '../stage/slot.ts';
import { planOf } from '../testing/run-plan.ts';
import { slotStub } from '../testing/slot-stub.ts';
import { DeletePicker } from './delete-picker.ts';
import { ObjectPicker, type OtherParts, type StagePools } from './object-picker.ts';
import { Random } from './random.ts';

const UNIFORM = { type: 'uniform' } as const;
const SEQUENTIAL = { type: 'sequential' } as const;

/** A mix that reads and deletes the same objects, of which the first of some agents has made its own. */
function makeStage(
  count: number,
  agentCount = 1,
  deletes = true,
  others: OtherParts = { areOurs: true, areThere: true },
) {
  const plan = planOf(
    `
target: s3://b/
prepare: {ensure_objects: [{count: ${String(count)}, size_spec: 10}]}
workload:
  - {op: get, path: "${deletes ? 'deletable' : 'prepared'}-*", weight: 1}
  - {op: ${deletes ? 'delete' : 'stat'}, path: "*", weight: 1}
`,
    agentCount,
  );
  const memory = allocateRunMemory(plan);
  const pools = plan.pools.map(
    (pool, index) => new PoolObjects(pool, memory.poolStates[index] ?? new SharedArrayBuffer(0)),
  );
  for (const objects of pools) {
    for (let own = 0; own < objects.ownCount; own++) {
      objects.setState(objects.plan.own.begin + own, 'created');
    }
  }
  const stageMemory = allocateStageMemory(plan, memory, 'execute');
  const stage: StagePools = {
    pools,
    live: plan.pools.map(({ own }, pool) => {
      const live = stageMemory.live[pool];
      return live === undefined ? undefined : new LiveSet(live, own.end - own.begin);
    }),
    leases: new ReadLeases(stageMemory.leases),
    statesKnown: true,
    others: plan.pools.map(() => others),
  };
  let number = 0;
  const sources = {
    random: new Random(seedOf(6n)),
    sequence: { next: () => number++ },
    seed: seedOf(7n),
  };
  const wanted = deletes ? [1] : [0];
  const reader = new ObjectPicker(stage, wanted, UNIFORM, plan.pathSelection, sources);
  const deleter = new DeletePicker(stage, wanted, SEQUENTIAL, sources);
  const read = (): Slot | undefined => picked(reader);
  const remove = (): Slot | undefined => picked(deleter);
  return { deleter, own: plan.pools[wanted[0] ?? 0]?.own, pools, read, reader, remove, stage };
}

function picked(picker: ObjectPicker | DeletePicker): Slot | undefined {
  const slot = slotStub();
  return picker.pickInto(slot) === 'begun' ? slot : undefined;
}

describe('ObjectPicker and DeletePicker', () => {
  it('never delete what is being read, nor read what is being or has been deleted', () => {
    const step = fc.tuple(fc.constantFrom('read', 'delete', 'end'), fc.nat(50));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { read, remove, stage } = makeStage(30);
        const reading: Slot[] = [];
        const deleted = new Set<number>();
        for (const [kind, which] of steps) {
          if (kind === 'read') {
            const slot = read();
            if (slot === undefined) continue;
            expect(deleted.has(slot.object)).toBe(false);
            reading.push(slot);
          } else if (kind === 'delete') {
            const slot = remove();
            if (slot === undefined) continue;
            expect(deleted.has(slot.object)).toBe(false);
            expect(reading.map(({ object }) => object)).not.toContain(slot.object);
            deleted.add(slot.object);
          } else {
            const [slot] = reading.splice(which % Math.max(1, reading.length), 1);
            if (slot !== undefined) stage.leases.leave(slot.lease);
          }
        }
      }),
    );
  });

  it('delete every object once, and are exhausted then', () => {
    const { deleter, pools, reader, remove } = makeStage(100);
    const objects = Array.from({ length: 100 }, () => remove()?.object);
    expect(objects).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(deleter.pickInto(slotStub())).toBe('exhausted');
    expect(reader.pickInto(slotStub())).toBe('exhausted');
    expect(pools[1]?.stateOf(5)).toBe('creating');
  });

  it('wait with an object that is being read, and delete it afterwards', () => {
    const { deleter, read, remove, stage } = makeStage(1);
    const slot = read();
    expect(deleter.pickInto(slotStub())).toBe('later');
    stage.leases.leave(slot?.lease ?? 0);
    expect(remove()?.request.key).toBe('deletable-00000000.dat');
  });

  it('read the few that are left of many, each of them now and then', () => {
    const { read, stage } = makeStage(20_000);
    const left = new Set([17, 9_000, 19_999]);
    for (let object = 0; object < 20_000; object++) {
      if (!left.has(object)) stage.live[1]?.take(object);
    }
    const seen = new Set(Array.from({ length: 100 }, () => read()?.object));
    expect(seen).toEqual(left);
  });

  it('read only objects of their own where the mix deletes, and those of all agents elsewhere', () => {
    const shared = makeStage(1000, 4);
    expect(shared.own).toEqual({ begin: 0, end: 250 });
    for (let n = 0; n < 200; n++) expect(shared.read()?.object).toBeLessThan(250);
    const everywhere = makeStage(1000, 4, false);
    const objects = Array.from({ length: 200 }, () => everywhere.read()?.object ?? 0);
    expect(Math.max(...objects)).toBeGreaterThan(750);
  });

  it('never read an own object that prepare could not make', () => {
    const { pools, read } = makeStage(50, 1, false);
    for (let object = 0; object < 49; object++) pools[0]?.setState(object, 'failed');
    for (let n = 0; n < 20; n++) expect(read()?.object).toBe(49);
    pools[0]?.setState(49, 'failed');
    expect(read()).toBeUndefined();
  });

  it('say how long objects of other agents must be only where those have made all of theirs', () => {
    for (const areOurs of [true, false]) {
      const { own, read } = makeStage(100, 2, false, { areOurs, areThere: true });
      for (let pick = 0; pick < 200; pick++) {
        const slot = read();
        const isOwn = slot !== undefined && own !== undefined && slot.object < own.end;
        expect(slot?.expectedBytes).toBe(isOwn || areOurs ? 10 : -1);
      }
    }
  });

  it('leave objects of other agents alone where those lack some', () => {
    const { own, read } = makeStage(100, 2, false, { areOurs: false, areThere: false });
    for (let pick = 0; pick < 200; pick++) expect(read()?.object).toBeLessThan(own?.end ?? 0);
  });
});
