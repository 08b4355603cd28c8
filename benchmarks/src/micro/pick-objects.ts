import { seedOf } from '@sai3bench/datagen';
import { allocateObjectStates, ObjectStates } from '@sai3bench/metadata-cache';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import type { AccessPlan } from '@sai3bench/workload-config/plan';
import { allocateLiveSet, LiveSet } from '../../../packages/workload-engine/src/memory/live-set.ts';
import {
  allocateReadLeases,
  ReadLeases,
} from '../../../packages/workload-engine/src/memory/read-leases.ts';
import {
  allocateSequences,
  SharedSequence,
} from '../../../packages/workload-engine/src/memory/shared-sequence.ts';
import { DeletePicker } from '../../../packages/workload-engine/src/selection/delete-picker.ts';
import { ObjectPicker } from '../../../packages/workload-engine/src/selection/object-picker.ts';
import {
  positionsOf,
  type PositionSources,
} from '../../../packages/workload-engine/src/selection/positions.ts';
import { Random } from '../../../packages/workload-engine/src/selection/random.ts';
import { PoolObjects } from '../../../packages/workload-engine/src/stage/pool-objects.ts';
import { slotStub } from '../../../packages/workload-engine/src/testing/slot-stub.ts';
import type { MicroCase, Subject } from './case.ts';

const UNIFORM = { type: 'uniform' } as const;
const ACCESSES: readonly AccessPlan[] = [
  UNIFORM,
  { type: 'sequential' },
  { type: 'shuffled' },
  { type: 'zipf', theta: 0.99 },
  { type: 'pareto', h: 0.2 },
  { type: 'hotspot', objects: 0.1, share: 0.9 },
];
const [FEW, MANY] = [1e3, 1e9];
/** About as many, and no words of a live set that are not full: so all of its levels are all ones. */
const [FEW_LIVE, MANY_LIVE] = [32 ** 2, 32 ** 6];
/** Of so many objects one is left. */
const THINNED = 1024;
/** A mix of three reads and a deletion. */
const READS_PER_DELETION = 3;
const IN_FLIGHT = 64;

/** Which object, of a billion beside a thousand: by each kind of access, and where the mix deletes. */
export function objectCases(): MicroCase[] {
  const accesses = ACCESSES.map((access) => ({
    ours: positionChoice(access, MANY),
    reference: positionChoice(access, FEW),
  }));
  const deletions = [1, THINNED].map((apart) => ({
    ours: deletingMix(MANY_LIVE, apart),
    reference: deletingMix(FEW_LIVE, apart),
  }));
  return [...accesses, ...deletions];
}

function sources(): PositionSources {
  return {
    random: new Random(seedOf(1n)),
    sequence: new SharedSequence(allocateSequences(1), 0),
    seed: seedOf(2n),
  };
}

function powerOfTen(count: number): string {
  return `10^${String(Math.round(Math.log10(count)))}`;
}

function positionChoice(access: AccessPlan, count: number): Subject {
  const positions = positionsOf(access, count, sources());
  return {
    name: `${access.type}, ${powerOfTen(count)} objects`,
    run: (times) => {
      let sum = 0;
      for (let n = 0; n < times; n++) sum += positions.next();
      return sum;
    },
  };
}

/**
 * Reads and deletions of objects of a pool, of which the first of each `apart` is left. What was deleted is there again at
 * once, so that there are always as many.
 */
function deletingMix(count: number, apart: number): Subject {
  const objects = createdObjects(count);
  const memory = allocateLiveSet(count);
  const live = new LiveSet(memory, count);
  if (apart === 1) new Int32Array(memory).fill(-1);
  else for (let object = 0; object < count; object += apart) live.add(object);
  const stage = {
    ...{ pools: [objects], live: [live], statesKnown: true },
    leases: new ReadLeases(allocateReadLeases(IN_FLIGHT)),
    others: [{ areOurs: true, areThere: true }],
  };
  const everywhere = { strategy: 'random', overlap: 0 } as const;
  const reader = new ObjectPicker(stage, [0], UNIFORM, everywhere, sources());
  const deleter = new DeletePicker(stage, [0], UNIFORM, sources());
  const slot = slotStub();
  const left = apart === 1 ? 'all left' : `1 of ${String(apart)}`;
  return {
    name: `mix that deletes, ${powerOfTen(count)}, ${left}`,
    run: (times) => {
      let sum = 0;
      for (let n = 0; n < times; n++) {
        if (n % (READS_PER_DELETION + 1) === 0) {
          deleter.pickInto(slot);
          live.add(slot.object);
        } else {
          reader.pickInto(slot);
          stage.leases.leave(slot.lease);
        }
        sum += slot.object;
      }
      return sum;
    },
  };
}

function createdObjects(count: number): PoolObjects {
  const yaml = `target: null://\nprepare: {ensure_objects: [{count: ${String(count)}, size_spec: 4096}]}\n`;
  const [pool] = planAgent(parseWorkload(yaml, 'pick.yaml'), {
    ...{ agentId: 'agent-1', agentIndex: 0, agentCount: 1, entry: undefined },
    ...{ runId: 'benchmark', dataSeed: '1' },
  }).pools;
  if (pool === undefined) throw new Error('a plan without a pool');
  const memory = allocateObjectStates(count);
  new ObjectStates(memory, count).fill(0, count, 'created');
  return new PoolObjects(pool, memory);
}
