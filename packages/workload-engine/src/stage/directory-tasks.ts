import type { OperationPlan } from '@sai3bench/workload-config/plan';
import { LiveSet } from '../memory/live-set.ts';
import type { StageMemory } from '../memory/stage-memory.ts';
import { type DirectoryOperation, DirectoryPicker } from '../selection/directory-picker.ts';
import { FullDirectoryPicker } from '../selection/full-directory-picker.ts';
import { LeafDirectories } from '../selection/leaf-directories.ts';
import type { Begun } from '../selection/mix.ts';
import type { StagePools } from '../selection/object-picker.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { beginOperation } from './begin-operation.ts';
import type { Slot } from './slot.ts';
import type { Outcome } from './task-source.ts';

type MakePlan = Extract<OperationPlan, { op: 'mkdir' }>;
type RemovePlan = Extract<OperationPlan, { op: 'rmdir' }>;

/** Directories like those of a pool's tree: what the mix makes and removes, and those with prepared files. */
interface Directories {
  readonly pool: number;
  readonly leaves: LeafDirectories;
  readonly made: DirectoryPicker | undefined;
  readonly full: FullDirectoryPicker | undefined;
}

/** Makes and removes directories for the mix. */
export class DirectoryTasks {
  readonly #context: WorkerContext;
  readonly #directories: readonly (Directories | undefined)[];

  constructor(context: WorkerContext, stage: StageMemory, pools: StagePools) {
    const { random, setup } = context;
    const { memory, plan } = setup;
    this.#context = context;
    this.#directories = plan.pools.map((_, pool) => {
      const made = memory.directories[pool];
      const full = stage.full[pool];
      if (made === undefined && full === undefined) return undefined;
      const leaves = LeafDirectories.of(plan, pool);
      if (leaves === undefined) return undefined;
      const setOf = (of: SharedArrayBuffer): LiveSet => new LiveSet(of, leaves.count);
      return {
        pool,
        leaves,
        made: made && new DirectoryPicker(setOf(made.present), setOf(made.absent), random),
        full: full && new FullDirectoryPicker(pools, pool, leaves, setOf(full), random),
      };
    });
  }

  /** Fills slots with what an entry of the mix makes. */
  makes({ store, trees }: MakePlan): (slot: Slot) => Begun {
    const among = this.#of(trees);
    const rest = this.#isCountered('rmdir', trees) ? 'later' : 'exhausted';
    return (slot) => (this.#fillMade(slot, 'MKDIR', store, among) ? 'begun' : rest);
  }

  /** Fills slots with what an entry of the mix removes: those with files first. */
  removes({ files, store, trees }: RemovePlan): (slot: Slot) => Begun {
    const among = this.#of(trees);
    const full = this.#of(files);
    const isCountered = this.#isCountered('mkdir', trees);
    return (slot) => {
      if (this.#fillFull(slot, store, full)) return 'begun';
      if (this.#fillMade(slot, 'RMDIR', store, among)) return 'begun';
      return isCountered || full.some((each) => each.full?.isEmpty === false)
        ? 'later'
        : 'exhausted';
    };
  }

  ended(slot: Slot, operation: DirectoryOperation, outcome: Outcome): void {
    const directories = this.#directories[slot.pool];
    if (slot.request.recursive) directories?.full?.ended(slot.object, outcome);
    else directories?.made?.ended(operation, slot.object, outcome);
  }

  #of(pools: readonly number[]): Directories[] {
    return pools.flatMap((pool) => this.#directories[pool] ?? []);
  }

  /** Whether the mix has an operation that undoes what another does, so that there will be more to do. */
  #isCountered(op: 'mkdir' | 'rmdir', trees: readonly number[]): boolean {
    return this.#context.setup.plan.operations.some(
      (operation) => operation.op === op && operation.trees.some((tree) => trees.includes(tree)),
    );
  }

  #fillMade(
    slot: Slot,
    operation: DirectoryOperation,
    store: number,
    among: readonly Directories[],
  ): boolean {
    const first = this.#context.random.below(among.length);
    for (let step = 0; step < among.length; step++) {
      const candidate = among[(first + step) % among.length];
      const directory = candidate?.made?.take(operation) ?? -1;
      if (candidate === undefined || directory < 0) continue;
      beginOperation(slot, operation, store);
      slot.pool = candidate.pool;
      slot.object = directory;
      slot.request.key = candidate.leaves.madeKeyOf(directory);
      return true;
    }
    return false;
  }

  #fillFull(slot: Slot, store: number, among: readonly Directories[]): boolean {
    for (const { full, leaves, pool } of among) {
      const directory = full?.take() ?? -1;
      if (directory < 0) continue;
      beginOperation(slot, 'RMDIR', store);
      slot.pool = pool;
      slot.object = directory;
      slot.request.key = leaves.keyOf(directory);
      slot.request.recursive = true;
      return true;
    }
    return false;
  }
}
