// npm run bench:s3: the S3 client on one core beside wrk, or a bare socket, on the same core, against servers on the other.
//
//   npm run bench:s3 [-- --seconds N] [--rounds N] [--json]      needs nginx, wrk, gcc, openssl and taskset
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './measure.ts';
import { readOptions } from './options.ts';
import { startServers } from './s3/servers.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const CLIENT_CORE = '0';
const IN_FLIGHT = 32;
/** As the process has it that does an agent's I/O. */
const YOUNG_OBJECTS = '--max-semi-space-size=2';
const KIB = 1024;
const MIB = 1024 * KIB;
const SIZES = [4 * KIB, MIB, 8 * MIB];

interface Measurement {
  readonly opsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly cpuUsPerOp: number;
  readonly failures: number;
  readonly sha256BytesPerSecond?: number;
}

/** One line of the table: ours against a reference, and what of the two is compared. */
interface Work {
  readonly name: string;
  readonly ours: () => Measurement;
  readonly reference: () => Measurement;
  readonly target: string;
  readonly ratio: (ours: Measurement, reference: Measurement) => number;
}

const servers = await startServers(SIZES);
const { httpPort, httpsPort, sinkPort } = servers;
const http = `s3://127.0.0.1:${String(httpPort)}`;
const https = `s3+https://127.0.0.1:${String(httpsPort)}`;
const sink = `s3://127.0.0.1:${String(sinkPort)}/bucket/`;
const get = (base: string, size: number) => () => client('GET', `${base}/${String(size)}/`, size);
const put = (size: number, payload?: string) => () => client('PUT', sink, size, payload);
const wrkHttp = (size: number) => () => wrk(`http://127.0.0.1:${String(httpPort)}`, size);
const wrkHttps = (size: number) => () => wrk(`https://127.0.0.1:${String(httpsPort)}`, size);
const rate = (ours: Measurement, other: Measurement): number =>
  ours.bytesPerSecond / other.bytesPerSecond;
const cpu = (ours: Measurement, other: Measurement): number => ours.cpuUsPerOp / other.cpuUsPerOp;

const works: readonly Work[] = [
  {
    ...{ name: 'GET 4 KiB, signed: rate', target: '>= 0.65 of wrk', ratio: rate },
    ...{ ours: get(http, 4 * KIB), reference: wrkHttp(4 * KIB) },
  },
  {
    ...{ name: 'GET 4 KiB, signed: CPU per op', target: '<= 1.7 of wrk', ratio: cpu },
    ...{ ours: get(http, 4 * KIB), reference: wrkHttp(4 * KIB) },
  },
  {
    ...{ name: 'PUT 4 KiB, unique: CPU per op', target: "<= 2.2 of wrk's GET", ratio: cpu },
    ...{ ours: put(4 * KIB), reference: wrkHttp(4 * KIB) },
  },
  {
    ...{ name: 'GET 1 MiB', target: '>= 1.0 of wrk', ratio: rate },
    ...{ ours: get(http, MIB), reference: wrkHttp(MIB) },
  },
  {
    ...{ name: 'GET 8 MiB', target: '>= 1.0 of wrk', ratio: rate },
    ...{ ours: get(http, 8 * MIB), reference: wrkHttp(8 * MIB) },
  },
  {
    ...{ name: 'PUT 8 MiB, unique', target: '>= 0.8 of a bare socket', ratio: rate },
    ...{ ours: put(8 * MIB), reference: () => bare(8 * MIB) },
  },
  {
    name: 'PUT 8 MiB, signed payload',
    target: '>= 0.8 of bare or SHA-256',
    ours: put(8 * MIB, 'signed'),
    reference: () => bare(8 * MIB),
    ratio: (ours, other) =>
      ours.bytesPerSecond / Math.min(other.bytesPerSecond, other.sha256BytesPerSecond ?? Infinity),
  },
  {
    ...{ name: 'GET 4 KiB over https', target: '>= 0.6 of wrk', ratio: rate },
    ...{ ours: get(https, 4 * KIB), reference: wrkHttps(4 * KIB) },
  },
  {
    ...{ name: 'GET 1 MiB over https', target: '>= 0.9 of wrk', ratio: rate },
    ...{ ours: get(https, MIB), reference: wrkHttps(MIB) },
  },
];

try {
  const results = works.map((work) => {
    const pairs = Array.from({ length: rounds }, (_, round) => {
      // Who goes first changes, so that a slow change of the machine favours nobody.
      if (round % 2 === 0) return { reference: work.reference(), ours: work.ours() };
      const ours = work.ours();
      return { reference: work.reference(), ours };
    });
    const ratios = pairs.map(({ ours, reference }) => work.ratio(ours, reference));
    const ratio = median(ratios);
    if (!values.json) {
      const all = ratios.map((each) => each.toFixed(2)).join(' ');
      const busy = `${share(pairs.map(({ ours }) => ours))} and ${share(pairs.map(({ reference }) => reference))}`;
      console.log(
        `${work.name.padEnd(32)}${work.target.padEnd(28)}${ratio.toFixed(2).padStart(6)}   (${all})   ${busy} busy`,
      );
    }
    return { name: work.name, target: work.target, ratio, pairs };
  });
  if (values.json) console.log(JSON.stringify({ seconds, rounds, results }, null, 2));
} finally {
  await servers.stop();
}

/** How much of its core a client used: with much less than all of it, the server is what was measured. */
function share(measurements: readonly Measurement[]): string {
  const shares = measurements.map((each) => (each.opsPerSecond * each.cpuUsPerOp) / 1e6);
  return `${(median(shares) * 100).toFixed(0)} %`;
}

function client(
  operation: string,
  address: string,
  size: number,
  payload = 'unsigned',
): Measurement {
  return onCore([
    ...[process.execPath, '--conditions=@sai3bench/source', YOUNG_OBJECTS, script('client.ts')],
    ...[operation, address, String(size), String(IN_FLIGHT), String(seconds), payload],
  ]);
}

function bare(size: number): Measurement {
  return onCore([
    ...[process.execPath, script('bare-client.ts'), String(sinkPort), String(size)],
    ...[String(IN_FLIGHT), String(seconds)],
  ]);
}

/** wrk on one object: its rate, and its processor time from that of our children. */
function wrk(base: string, size: number): Measurement {
  const url = `${base}/${String(size)}/object`;
  const { status, stderr, stdout } = spawnSync(
    'taskset',
    [
      ...['-c', CLIENT_CORE, 'bash', '-c'],
      ...['wrk -t1 -c"$1" -d"$2"s "$3"; times', 'wrk'],
      ...[String(IN_FLIGHT), String(seconds), url],
    ],
    { encoding: 'utf8' },
  );
  const operations = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const opsPerSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  if (status !== 0 || !(operations > 0)) throw new Error(`wrk failed: ${stdout}${stderr}`);
  const [user = Number.NaN, system = Number.NaN] = [
    ...(stdout.trimEnd().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g),
  ].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
  return {
    opsPerSecond,
    bytesPerSecond: opsPerSecond * size,
    cpuUsPerOp: ((user + system) * 1e6) / operations,
    failures: 0,
  };
}

function onCore(command: readonly string[]): Measurement {
  const { status, stderr, stdout } = spawnSync('taskset', ['-c', CLIENT_CORE, ...command], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the client failed: ${stdout}${stderr}`);
  const measured = JSON.parse(stdout) as Measurement;
  if (measured.failures > 0) throw new Error(`operations failed: ${stderr}`);
  return measured;
}

function script(name: string): string {
  return fileURLToPath(new URL(`s3/${name}`, import.meta.url));
}
