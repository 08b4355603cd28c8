import { runsMix } from '../workload/stage.ts';
import type { AgentPlan, OperationPlan } from './agent-plan.ts';

/** A directory below the endpoints of a store, and what a plan does in it. */
export interface PlanPlace {
  readonly store: number;
  /** Relative to the store's endpoints: empty, or ending with `/`. */
  readonly directory: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly list: boolean;
  readonly remove: boolean;
}

type Use = Exclude<keyof PlanPlace, 'store' | 'directory'>;

/** Every directory that a plan names, once, in the order in which they come up. */
export function planPlaces(plan: AgentPlan): PlanPlace[] {
  const kinds = new Set(plan.stages.map(({ kind }) => kind));
  const mixes = [...kinds].some(runsMix);
  const places = new Map<string, PlanPlace>();
  const note = (store: number, path: string, ...uses: readonly Use[]): void => {
    const directory = path.slice(0, path.lastIndexOf('/') + 1);
    const key = `${String(store)} ${directory}`;
    const place = places.get(key) ?? { store, directory, ...NO_USE };
    places.set(key, { ...place, ...Object.fromEntries(uses.map((use) => [use, true])) });
  };
  for (const { prefix, store } of plan.pools) {
    note(store, prefix);
    if (kinds.has('prepare')) note(store, prefix, 'write');
    if (kinds.has('verify')) note(store, prefix, 'read');
    if (kinds.has('cleanup')) note(store, prefix, 'remove');
  }
  for (const operation of plan.operations) {
    const isPut = operation.op === 'put';
    if (isPut && kinds.has('cleanup')) note(operation.store, operation.prefix, 'remove');
    if (mixes) noteOperation(plan, operation, note);
  }
  return [...places.values()];
}

const NO_USE = { read: false, write: false, list: false, remove: false } as const;

type Note = (store: number, path: string, ...uses: readonly Use[]) => void;

function noteOperation({ pools }: AgentPlan, operation: OperationPlan, note: Note): void {
  const ofPool = (pool: number, use: Use): void => {
    const { prefix, store } = pools[pool] ?? {};
    if (store !== undefined) note(store, prefix ?? '', use);
  };
  switch (operation.op) {
    case 'put':
      note(operation.store, operation.prefix, 'write');
      return;
    case 'list':
      note(operation.store, operation.prefix, 'list');
      return;
    case 'mkdir':
      for (const tree of operation.trees) ofPool(tree, 'write');
      return;
    case 'rmdir':
      for (const tree of operation.trees) ofPool(tree, 'remove');
      return;
    case 'get':
    case 'stat':
    case 'delete': {
      const use = operation.op === 'delete' ? 'remove' : 'read';
      const { source } = operation;
      if (source.type === 'pools') for (const pool of source.pools) ofPool(pool, use);
      else if (source.type === 'key') note(source.store, source.key, use);
      else note(source.store, source.prefix, use, 'list');
      return;
    }
  }
}
