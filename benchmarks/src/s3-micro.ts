import { openStore, StoreRequest } from '@sai3bench/object-store';

/**
 * The S3 client alone, without the engine: so many operations in flight against a server that is already running.
 *
 *     taskset -c 0 node --conditions=@sai3bench/source benchmarks/src/s3-micro.ts GET s3://127.0.0.1:8080/bucket/ 4096 32 5
 *
 * GET reads the keys prepared-00000000.dat to prepared-00000999.dat, or the one key that is given as the last argument.
 */
const [
  operation = 'GET',
  address = '',
  size = '4096',
  flight = '32',
  seconds = '5',
  fixedKey = '',
] = process.argv.slice(2);
const payload = process.env['PAYLOAD'] as 'unsigned' | 'signed' | undefined;
const sizeBytes = Number(size);
const inFlight = Number(flight);
const env = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_REGION: 'us-east-1',
};
const nowNs = (): number => performance.now() * 1e6;
const store = await openStore(address, {
  nowNs,
  maxInFlight: inFlight,
  fileMode: 'sync',
  env,
  s3: { tls: { insecure: true }, ...(payload === undefined ? {} : { payload }) },
});
await store.warmUp?.(inFlight);

const pool = Buffer.alloc(17 << 20);
crypto.getRandomValues(pool.subarray(0, 65536));
for (let at = 65536; at < pool.length; at += 65536) pool.copy(pool, at, 0, 65536);
/** Latencies in half-microsecond steps; the last one takes the rest. */
const histogram = new Uint32Array(200_000);
let operations = 0;
let bytes = 0;
let failures = 0;
let stamp = 0;
let running = inFlight;
const startMs = performance.now();
const usage = process.cpuUsage();
const endNs = nowNs() + Number(seconds) * 1e9;

function next(request: StoreRequest): void {
  if (operation === 'GET') {
    request.key =
      fixedKey === ''
        ? `prepared-${String((Math.random() * 1000) | 0).padStart(8, '0')}.dat`
        : fixedKey;
  } else request.key = `obj_${(Math.random() * 2 ** 48).toString(16)}`;
  store.submit(request);
}

function completed(request: StoreRequest): void {
  if (request.error !== undefined && failures++ === 0) console.error(request.error);
  const place = Math.min(histogram.length - 1, ((request.endNs - request.startNs) / 500) | 0);
  histogram[place] = (histogram[place] ?? 0) + 1;
  operations++;
  bytes += request.bytes;
  if (nowNs() < endNs) next(request);
  else if (--running === 0) report();
}

for (let i = 0; i < inFlight; i++) {
  const request = new StoreRequest(completed);
  request.operation = operation === 'PUT' ? 'PUT' : operation === 'HEAD' ? 'STAT' : 'GET';
  request.sizeBytes = sizeBytes;
  const buffer = Buffer.alloc(Math.min(sizeBytes, 4 << 20));
  if (operation === 'PUT') {
    request.payload = {
      chunk: (_, length) => {
        const piece = buffer.subarray(0, length);
        const from = (Math.random() * ((17 << 20) - length)) | 0;
        pool.copy(piece, 0, from, from + length);
        for (let at = 0; at + 4 <= length; at += 4096) piece.writeUInt32LE(stamp++, at);
        return piece;
      },
    };
  } else request.onData = () => undefined;
  next(request);
}

function report(): void {
  const elapsed = (performance.now() - startMs) / 1e3;
  const { system, user } = process.cpuUsage(usage);
  const quantile = (q: number): number => {
    let left = operations * q;
    return histogram.findIndex((count) => (left -= count) <= 0) / 2;
  };
  console.log(
    JSON.stringify({
      operation,
      sizeBytes,
      inFlight,
      opsPerSecond: Math.round(operations / elapsed),
      mibPerSecond: Math.round(bytes / elapsed / 2 ** 20),
      cpuUsPerOp: Math.round((10 * (system + user)) / operations) / 10,
      p50Us: quantile(0.5),
      p99Us: quantile(0.99),
      failures,
    }),
  );
  store.close();
}
