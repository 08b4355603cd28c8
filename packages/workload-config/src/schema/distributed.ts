import { z } from 'zod';
import { DEFAULT_PATH_SELECTION, PATH_SELECTIONS } from '../workload/operation.ts';
import { DEFAULT_KEEP_ALIVE, DEFAULT_RECONNECT_GRACE_MS } from '../workload/workload.ts';
import { multiEndpoint } from './multi-endpoint.ts';
import {
  concurrency,
  duration,
  fraction,
  pause,
  storeAddress,
  text,
  waitingTime,
} from './scalars.ts';
import { barrierSync, stage } from './stage.ts';

const agentId = text
  .max(64, 'must not be longer than 64 characters')
  .regex(
    /^[A-Za-z0-9][\w.-]*$/,
    'may contain letters, digits, _ . and -: it becomes a folder name',
  );

const agentAddress = text.regex(
  /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]/@]+)(:\d{1,5})?$/,
  'must be host:port, as in node01:7167; ranges such as node[01-32] are for --agents',
);

const agent = z.strictObject({
  address: agentAddress,
  id: agentId.optional(),
  target_override: storeAddress.optional(),
  concurrency_override: concurrency.optional(),
  multi_endpoint: multiEndpoint.optional(),
  kv_cache_dir: text.optional(),
});

/** Agents, stages and barriers of a distributed run. */
export const distributed = z
  .strictObject({
    agents: z.array(agent).default([]),
    shared_filesystem: z.boolean().optional(),
    tree_creation_mode: z.enum(['isolated', 'coordinator', 'concurrent']).optional(),
    path_selection: z.enum(PATH_SELECTIONS).default(DEFAULT_PATH_SELECTION.strategy),
    partition_overlap: fraction.optional(),
    start_delay: duration.optional(),
    agent_ready_timeout: waitingTime.default(120_000),
    reconnect_grace: pause.default(DEFAULT_RECONNECT_GRACE_MS),
    grpc_keepalive_interval: waitingTime.default(DEFAULT_KEEP_ALIVE.intervalMs),
    grpc_keepalive_timeout: waitingTime.default(DEFAULT_KEEP_ALIVE.timeoutMs),
    kv_cache_dir: text.optional(),
    barrier_sync: barrierSync.optional(),
    stages: z.array(stage).optional(),
  })
  .superRefine(({ agents, stages = [] }, context) => {
    refuseRepeats(agents, ({ id }) => id, 'agents', 'id', context);
    refuseRepeats(stages, ({ name }) => name, 'stages', 'name', context);
    refuseRepeats(stages, ({ order }) => order, 'stages', 'order', context);
    refuseHalfOrdered(stages, context);
  });

/** Where some stages say their order, the place in the file of the others says nothing. */
function refuseHalfOrdered(
  stages: readonly { readonly order?: number | undefined }[],
  context: z.RefinementCtx,
): void {
  if (stages.every(({ order }) => order === undefined)) return;
  for (const [index, { order }] of stages.entries()) {
    if (order !== undefined) continue;
    context.addIssue({
      code: 'custom',
      path: ['stages', index, 'order'],
      message: 'is missing, but other stages have one',
    });
  }
}

function refuseRepeats<Item>(
  items: readonly Item[],
  valueOf: (item: Item) => string | number | undefined,
  list: string,
  key: string,
  context: z.RefinementCtx,
): void {
  const seen = new Set<string | number>();
  for (const [index, item] of items.entries()) {
    const value = valueOf(item);
    if (value === undefined) continue;
    if (seen.has(value)) {
      context.addIssue({
        code: 'custom',
        path: [list, index, key],
        message: `is used twice: ${String(value)}`,
      });
    }
    seen.add(value);
  }
}
