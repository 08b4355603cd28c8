// npm run bench:cleanup: how fast prepared objects are deleted on S3 over one connection, in batches beside one by one, when every
// answer comes some milliseconds late.
//
//   npm run bench:cleanup [-- --objects N] [--single-objects N] [--latency-ms N] [--rounds N] [--json]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './measure.ts';
import { readOptions } from './options.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    objects: { type: 'string', default: '100000' },
    'single-objects': { type: 'string', default: '2000' },
    'latency-ms': { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const TARGET_RATIO = 20;
/** Making the objects is not measured. */
const PREPARE_CONCURRENCY = 32;
const CONTROLLER = program('apps/controller/bin/sai3bench-ctl.js');

/** Deleting in one of two ways. */
interface Way {
  readonly name: string;
  readonly objects: number;
  /** Faults of the server besides the latency. */
  readonly faults: readonly object[];
}

/** What a cleanup stage did. */
interface Deletion {
  readonly objects: number;
  readonly seconds: number;
  readonly objectsPerSecond: number;
}

const BATCHES: Way = { name: 'in batches', objects: Number(values.objects), faults: [] };
const SINGLE: Way = {
  name: 'one by one',
  objects: Number(values['single-objects']),
  // A server that does not know batches gets each object alone.
  faults: [
    { match: { operation: 'DeleteObjects' }, fault: { kind: 'error', code: 'NotImplemented' } },
  ],
};

const pairs: { readonly batches: Deletion; readonly single: Deletion }[] = [];
for (let round = 0; round < rounds; round++) {
  // Who goes first changes, so that a slow change of the machine favours nobody.
  if (round % 2 === 0) {
    const batches = await measure(BATCHES);
    pairs.push({ batches, single: await measure(SINGLE) });
  } else {
    const single = await measure(SINGLE);
    pairs.push({ batches: await measure(BATCHES), single });
  }
}
report();

/** Makes objects at once and deletes them over one connection, against a server of its own. */
async function measure(way: Way): Promise<Deletion> {
  const directory = mkdtempSync(join(tmpdir(), 'sai3bench-cleanup-'));
  const server = await startServer(way);
  try {
    const { env, host } = server;
    runController(directory, env, ['run'], workload(host, way.objects, PREPARE_CONCURRENCY));
    const cleanup = runController(
      ...([directory, env, ['cleanup', '--yes'], workload(host, way.objects, 1)] as const),
    );
    return readDeletion(cleanup, way);
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function startServer({ faults }: Way): Promise<TestServer> {
  const latency = {
    match: { operation: ['DeleteObject', 'DeleteObjects'] },
    fault: { kind: 'latency', ms: Number(values['latency-ms']) },
  };
  return startTestServer(
    ...[latency, ...faults].flatMap((fault) => ['--fault', JSON.stringify(fault)]),
  );
}

function workload(host: string, objects: number, concurrency: number): string {
  return `target: "s3://${host}/bucket/set/"
concurrency: ${String(concurrency)}
prepare: {ensure_objects: [{count: ${String(objects)}, size_spec: 100}]}
`;
}

/** Runs the controller with an agent of its own, and returns the results directory. */
function runController(
  directory: string,
  env: Record<string, string>,
  command: readonly string[],
  yaml: string,
): string {
  const [name = ''] = command;
  writeFileSync(join(directory, `${name}.yaml`), yaml);
  const args = [CONTROLLER, ...command, '--config', `${name}.yaml`, '--start-delay', '0'];
  const { status, stderr, stdout } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, ...env, SAI3BENCH_CACHE_DIR: join(directory, 'cache') },
  });
  if (status !== 0) throw new Error(`the ${name} failed:\n${stdout}${stderr}`);
  const results = readdirSync(directory).find(
    (each) => each.startsWith('sai3-') && each.endsWith(name),
  );
  return join(directory, results ?? '');
}

function readDeletion(results: string, way: Way): Deletion {
  const { stages } = JSON.parse(readFileSync(join(results, 'metadata.json'), 'utf8')) as {
    stages: { name: string; wall_secs: number; operations: number; errors: number }[];
  };
  const stage = stages.find(({ name }) => name === 'cleanup');
  if (stage?.operations !== way.objects || stage.errors > 0) {
    throw new Error(
      `${way.name}: ${String(stage?.operations)} of ${String(way.objects)} were deleted`,
    );
  }
  const { operations: objects, wall_secs: seconds } = stage;
  return { objects, seconds, objectsPerSecond: objects / seconds };
}

function report(): void {
  const ratios = pairs.map(
    ({ batches, single }) => batches.objectsPerSecond / single.objectsPerSecond,
  );
  const ratio = median(ratios);
  if (values.json) {
    console.log(JSON.stringify({ latencyMs: Number(values['latency-ms']), ratio, pairs }, null, 2));
  } else {
    for (const { name, of } of [
      { name: BATCHES.name, of: pairs.map(({ batches }) => batches) },
      { name: SINGLE.name, of: pairs.map(({ single }) => single) },
    ]) {
      const seconds = median(of.map((each) => each.seconds));
      const rate = median(of.map((each) => each.objectsPerSecond));
      console.log(
        `${name.padEnd(12)}${String(of[0]?.objects).padStart(9)} objects ${seconds.toFixed(2).padStart(8)} s ${rate.toFixed(0).padStart(9)} objects/s`,
      );
    }
    const all = ratios.map((each) => each.toFixed(0)).join(' ');
    console.log(
      `ratio ${ratio.toFixed(0)} (target: at least ${String(TARGET_RATIO)}; rounds: ${all})`,
    );
  }
  if (!(ratio >= TARGET_RATIO)) process.exitCode = 1;
}

function program(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
