// One S3 client on its own, as a worker thread has it: signs, makes unique data, records everything. Started by ../s3.ts.
//
//   client.ts GET|PUT ADDRESS SIZE_BYTES IN_FLIGHT SECONDS unsigned|signed
import { PayloadGenerator, seedOf } from '@sai3bench/datagen';
import { openStore, StoreRequest } from '@sai3bench/object-store';
import { allocateRecorder, operationIndex, Recorder } from '@sai3bench/stats';

const [operation = 'GET', address = '', size = '', flight = '', seconds = '', payload = ''] =
  process.argv.slice(2);
const sizeBytes = Number(size);
const inFlight = Number(flight);
/** Objects that a GET chooses from. */
const OBJECTS = 1000;
const CHUNK_BYTES = 4 * 1024 * 1024;

const nowNs = (): number => performance.now() * 1e6;
const store = await openStore(address, {
  nowNs,
  maxInFlight: inFlight,
  fileMode: 'sync',
  env: {
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    AWS_REGION: 'us-east-1',
  },
  s3: { tls: { insecure: true }, payload: payload === 'signed' ? 'signed' : 'unsigned' },
});
await store.warmUp?.(inFlight);

const index = operationIndex(operation === 'PUT' ? 'PUT' : 'GET');
const recorder = new Recorder(allocateRecorder());
const bufferBytes = Math.min(sizeBytes, CHUNK_BYTES);
const generator = new PayloadGenerator(seedOf(1n), bufferBytes * inFlight);
const content = { fill: 'random', seed: seedOf(2n), dedupFactor: 1, compressFactor: 1 } as const;

let started = 0;
let operations = 0;
let bytes = 0;
let failures = 0;
let running = inFlight;
const startMs = performance.now();
const usage = process.cpuUsage();
const endNs = nowNs() + Number(seconds) * 1e9;

for (let slot = 0; slot < inFlight; slot++) next(makeRequest());

function makeRequest(): StoreRequest {
  const request = new StoreRequest(completed);
  request.operation = operation === 'PUT' ? 'PUT' : 'GET';
  request.sizeBytes = sizeBytes;
  request.onData = () => undefined;
  if (operation !== 'PUT') return request;
  const buffer = generator.allocate(bufferBytes);
  request.payload = {
    chunk: (offsetBytes, lengthBytes) => {
      generator.fill(buffer, content, { index: started, sizeBytes }, offsetBytes, lengthBytes);
      return lengthBytes === buffer.length ? buffer : buffer.subarray(0, lengthBytes);
    },
  };
  return request;
}

function next(request: StoreRequest): void {
  started++;
  request.key =
    operation === 'PUT'
      ? `obj_${String(started)}`
      : `prepared-${String(Math.floor(Math.random() * OBJECTS)).padStart(8, '0')}.dat`;
  recorder.started(index);
  store.submit(request);
}

function completed(request: StoreRequest): void {
  const { endNs: doneNs, error, firstByteNs, startNs } = request;
  if (error === undefined) {
    recorder.succeeded(index, request.bytes, startNs, startNs, firstByteNs, doneNs);
  } else {
    recorder.failed(index);
    if (failures++ === 0) console.error(error);
  }
  operations++;
  bytes += request.bytes;
  if (doneNs < endNs) next(request);
  else if (--running === 0) report();
}

function report(): void {
  const elapsed = (performance.now() - startMs) / 1000;
  const { system, user } = process.cpuUsage(usage);
  console.log(
    JSON.stringify({
      opsPerSecond: operations / elapsed,
      bytesPerSecond: bytes / elapsed,
      cpuUsPerOp: (system + user) / operations,
      failures,
    }),
  );
  store.close();
}
