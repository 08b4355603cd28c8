// One S3 client on its own, as a worker thread has it: signs, makes unique data, records everything. Started by ../s3.ts.
//
//   client.ts GET|PUT ADDRESS SIZE_BYTES IN_FLIGHT SECONDS unsigned|signed
import { PayloadGenerator, seedOf } from '@sai3bench/datagen';
import {
  allocateEndpointBoard,
  allocateEndpointCounters,
  DEFAULT_BREAKER,
  EndpointCounters,
  EndpointPool,
} from '@sai3bench/multi-endpoint';
import { openStore, StoreRequest } from '@sai3bench/object-store';
import {
  allocateCoarseLatencies,
  allocateRecorder,
  CoarseLatencies,
  operationIndex,
  Recorder,
} from '@sai3bench/stats';

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
/** As in a worker: an endpoint is chosen and counted also where there is but one. */
const pool = new EndpointPool([store], {
  strategy: 'round_robin',
  breaker: DEFAULT_BREAKER,
  startAt: 0,
  board: allocateEndpointBoard(1),
  counters: new EndpointCounters(allocateEndpointCounters(1)),
  nowNs,
  random: Math.random,
});
const endpointLatencies = new CoarseLatencies(allocateCoarseLatencies(1));

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

/** A request that is used again and again, and the number of the object that it is about. */
interface Slot {
  readonly request: StoreRequest;
  object: number;
  endpoint: number;
}

for (let number = 0; number < inFlight; number++) next(makeSlot());

function makeSlot(): Slot {
  const slot: Slot = {
    request: makeRequest(
      (request) => completed(slot, request),
      () => slot.object,
    ),
    object: 0,
    endpoint: 0,
  };
  return slot;
}

function makeRequest(
  onComplete: (request: StoreRequest) => void,
  objectOf: () => number,
): StoreRequest {
  const request = new StoreRequest(onComplete);
  request.operation = operation === 'PUT' ? 'PUT' : 'GET';
  request.sizeBytes = sizeBytes;
  request.onData = () => undefined;
  if (operation !== 'PUT') return request;
  const buffer = generator.allocate(bufferBytes);
  request.payload = {
    chunk: (offsetBytes, lengthBytes) => {
      generator.fill(buffer, content, { index: objectOf(), sizeBytes }, offsetBytes, lengthBytes);
      return lengthBytes === buffer.length ? buffer : buffer.subarray(0, lengthBytes);
    },
  };
  return request;
}

function next(slot: Slot): void {
  const { request } = slot;
  slot.object = started++;
  request.key =
    operation === 'PUT'
      ? `obj_${String(slot.object)}`
      : `prepared-${String(Math.floor(Math.random() * OBJECTS)).padStart(8, '0')}.dat`;
  recorder.started(index);
  slot.endpoint = pool.acquire();
  pool.endpoints[slot.endpoint]?.submit(request);
}

function completed(slot: Slot, request: StoreRequest): void {
  const { endNs: doneNs, error, firstByteNs, startNs } = request;
  const complete = error === undefined && request.bytes === sizeBytes;
  const bytesRead = operation === 'PUT' ? 0 : request.bytes;
  pool.release(
    slot.endpoint,
    complete ? 'succeeded' : 'failed',
    doneNs - startNs,
    bytesRead,
    request.bytes - bytesRead,
  );
  if (complete) {
    endpointLatencies.record(slot.endpoint, doneNs - startNs);
    recorder.succeeded(index, request.bytes, startNs, startNs, firstByteNs, doneNs);
  } else {
    recorder.failed(index);
    if (failures++ === 0) console.error(error ?? `${String(request.bytes)} bytes`);
  }
  operations++;
  bytes += request.bytes;
  if (doneNs < endNs) next(slot);
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
