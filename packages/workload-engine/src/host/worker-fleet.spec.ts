import { afterEach, describe, expect, it } from '@jest/globals';
import { planOf } from '../testing/run-plan.ts';
import { WorkerFleet } from './worker-fleet.ts';

const PLAN = planOf('target: "null:"\nworkload: [{op: list, path: x/, weight: 1}]');

describe('WorkerFleet', () => {
  let fleet: WorkerFleet | undefined;

  afterEach(async () => {
    await fleet?.close();
  });

  const slotsOf = (): number[] => (fleet?.workers ?? []).map(({ slots }) => slots).toSorted();

  it('keeps as many operations in flight when it replaces workers, whichever they are', async () => {
    fleet = await WorkerFleet.start(PLAN, {
      slots: [3, 2, 1],
      fileMode: 'async',
      threadPoolSize: 4,
      reason: 'test',
    });
    for (const slots of [3, 1, 3, 2]) {
      const worker = fleet.workers.find((each) => each.slots === slots);
      if (worker === undefined) throw new RangeError(`no worker of ${String(slots)} slots`);
      await fleet.replace(worker);
      expect(fleet.workers).not.toContain(worker);
      expect(slotsOf()).toEqual([1, 2, 3]);
    }
  });

  it('does not replace more workers than memory was set aside for', async () => {
    const layout = { slots: [1, 1], fileMode: 'async', threadPoolSize: 4, reason: 'test' } as const;
    fleet = await WorkerFleet.start(PLAN, layout, 3);
    const [first, second] = fleet.workers;
    if (first === undefined || second === undefined) throw new RangeError('no workers');
    await fleet.replace(first);
    await expect(fleet.replace(second)).rejects.toMatchObject({ code: 'TOO_MANY_STUCK_WORKERS' });
  });

  it('does not start when the payloads cannot fit into memory', async () => {
    const large = planOf(
      'target: "null:"\nworkload: [{op: put, path: x/, object_size: 1MiB, weight: 1}]',
    );
    const layout = {
      slots: [60_000],
      fileMode: 'async',
      threadPoolSize: 4,
      reason: 'test',
    } as const;
    await expect(WorkerFleet.start(large, layout)).rejects.toMatchObject({
      code: 'PAYLOAD_MEMORY',
      class: 'resource',
    });
  });

  it('starts with thousands of large payloads in flight', async () => {
    const large = planOf(
      'target: "null:"\nworkload: [{op: put, path: x/, object_size: 8MiB, weight: 1}]',
    );
    fleet = await WorkerFleet.start(large, {
      slots: [1050],
      fileMode: 'async',
      threadPoolSize: 4,
      reason: 'test',
    });
    expect(slotsOf()).toEqual([1050]);
  });
});
