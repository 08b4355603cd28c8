// npm run bench:plan: what it costs to plan a large dataset: time for any object, and memory.
//
//   npm run bench:plan [-- --rounds N] [--objects N] [--json]
import { spawnSync } from 'node:child_process';
import { Dataset, seedOf, sizeAt, SizeHistogram } from '@sai3bench/datagen';
import { type AgentPlan, parseWorkload, planAgent } from '@sai3bench/workload-config';
import { median } from './measure.ts';
import { readOptions } from './options.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    rounds: { type: 'string', default: '7' },
    objects: { type: 'string', default: '1000000' },
    json: { type: 'boolean', default: false },
    // Only computes objects, and prints how much memory that took: for the program itself.
    memory: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
/** Objects computed in each round. */
const objects = Number(values.objects);

const WORKLOAD = `
target: s3://bucket/bench/
prepare:
  directory_structure: {width: 24, depth: 4, files_per_dir: 193}
  ensure_objects:
    - {base_uri: data/, size_spec: {type: lognormal, mean: 8MiB, std_dev: 4MiB, min: 1MiB, max: 16MiB}}
workload:
  - {op: get, path: data/, weight: 9}
  - {op: delete, path: data/, weight: 1}
`;

/** A case yields the time for one object, in nanoseconds. */
interface Case {
  readonly name: string;
  readonly run: (objectAt: (step: number) => number) => number;
  readonly order: 'any' | 'ascending';
}

function plan(): AgentPlan {
  return planAgent(parseWorkload(WORKLOAD, 'bench.yaml'), {
    agentId: 'agent-1',
    agentIndex: 0,
    agentCount: 8,
    entry: undefined,
    runId: 'bench',
    dataSeed: '42',
  });
}

function datasetOf({ pools }: AgentPlan): Dataset {
  const [pool] = pools;
  if (pool === undefined) throw new RangeError('the plan has no pool');
  return new Dataset({ ...pool, seed: seedOf(BigInt(pool.seed)) });
}

/** As many different sizes as an inventory can bring. */
function inventorySizes() {
  const histogram = new SizeHistogram();
  for (let bytes = 1; bytes < 5e12; bytes *= 1.002) histogram.add(Math.round(bytes));
  return histogram.toDistribution();
}

/** Far apart, and prime, so that steps of it visit objects all over the tree, none twice. */
const STRIDE = 7_368_787;

function ordersOf(count: number): Record<Case['order'], (step: number) => number> {
  return { any: (step) => (step * STRIDE) % count, ascending: (step) => step };
}

function casesOf(dataset: Dataset): Case[] {
  const { tree } = dataset.names;
  const sizes = inventorySizes();
  const seed = seedOf(7n);
  const each =
    (compute: (object: number) => number) =>
    (objectAt: (step: number) => number): number => {
      let sum = 0;
      const startNs = process.hrtime.bigint();
      for (let step = 0; step < objects; step++) sum += compute(objectAt(step));
      const elapsedNs = Number(process.hrtime.bigint() - startNs);
      // What nobody looks at may not be computed at all.
      if (!Number.isFinite(sum)) throw new RangeError('a key or a size is no number');
      return elapsedNs / objects;
    };
  const directory = (object: number): number => tree?.directoryOf(object) ?? 0;
  const whole = each(
    (object) => dataset.keyOf(object).length + dataset.sizeOf(object) + directory(object),
  );
  return [
    { name: 'key, size and directory', order: 'any', run: whole },
    { name: 'key, size and directory', order: 'ascending', run: whole },
    { name: 'key', order: 'any', run: each((object) => dataset.keyOf(object).length) },
    { name: 'size, lognormal', order: 'any', run: each((object) => dataset.sizeOf(object)) },
    {
      name: `size, ${String(sizes.type === 'weighted' ? sizes.buckets.length : 1)} buckets`,
      order: 'any',
      run: each((object) => sizeAt(sizes, seed, object)),
    },
    {
      name: 'path and owner of a directory',
      order: 'any',
      run: each((object) => {
        if (tree === undefined) return 0;
        const number = directory(object);
        return tree.pathOf(number).length + tree.ownerOf(number, 8);
      }),
    },
  ];
}

/** Most memory that a process has had when it ends, in MiB, as it prints it itself. */
function rssOf(args: readonly string[]): number {
  const { stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const kib = Number(stdout.trim());
  if (!(kib > 0)) throw new RangeError(`cannot tell its memory: ${stderr}`);
  return kib / 1024;
}

const PRINT_RSS = 'console.log(process.resourceUsage().maxRSS)';

function measure(): void {
  const startNs = process.hrtime.bigint();
  const made = plan();
  const planMs = Number(process.hrtime.bigint() - startNs) / 1e6;
  const dataset = datasetOf(made);
  const { count } = dataset;
  const orders = ordersOf(count);
  const results = casesOf(dataset).map(({ name, order, run }) => {
    run(orders[order]);
    const nanoseconds = Array.from({ length: rounds }, () => run(orders[order]));
    return { name, order, ns: median(nanoseconds), slowestNs: Math.max(...nanoseconds) };
  });
  const idleMib = median(Array.from({ length: rounds }, () => rssOf(['--eval', PRINT_RSS])));
  const planningMib = median(
    Array.from({ length: Math.min(rounds, 3) }, () =>
      rssOf([
        '--conditions=@sai3bench/source',
        import.meta.filename,
        '--memory',
        '--objects',
        values.objects,
      ]),
    ),
  );
  const aboveIdleMib = planningMib - idleMib;
  if (values.json) {
    console.log(JSON.stringify({ count, planMs, results, idleMib, planningMib, aboveIdleMib }));
    return;
  }
  console.log(
    `${count.toLocaleString('en')} objects, planned from the file in ${planMs.toFixed(0)} ms`,
  );
  console.log('per object                      order      median ns   slowest round ns');
  for (const { name, ns, order, slowestNs } of results) {
    console.log(
      `${name.padEnd(32)}${order.padEnd(11)}${ns.toFixed(0).padStart(9)}${slowestNs.toFixed(0).padStart(19)}`,
    );
  }
  console.log(
    `memory: ${planningMib.toFixed(0)} MiB at most while planning and computing ${objects.toLocaleString('en')} objects, ${aboveIdleMib.toFixed(0)} MiB above an idle process (${idleMib.toFixed(0)} MiB)`,
  );
}

/** Computes objects all over the dataset, in a process in which nothing else happens. */
function compute(): void {
  const dataset = datasetOf(plan());
  for (const { order, run } of casesOf(dataset)) run(ordersOf(dataset.count)[order]);
  console.log(process.resourceUsage().maxRSS);
}

if (values.memory) compute();
else measure();
