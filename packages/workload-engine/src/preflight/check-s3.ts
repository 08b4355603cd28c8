import { randomUUID } from 'node:crypto';
import { BenchError } from '@sai3bench/errors';
import {
  allocateTraffic,
  describeS3Endpoint,
  ObjectClient,
  type ObjectStore,
  openStore,
  StoreRequest,
  type TrafficMemory,
  TrafficReader,
} from '@sai3bench/object-store';
import type { S3Uri } from '@sai3bench/store-uri';
import type { S3Plan, StoreNeeds } from '@sai3bench/workload-config';
import { monotonicClock } from '../clock.ts';
import { s3OptionsOf } from '../s3-access.ts';
import type { Checklist } from './checklist.ts';

const PROBE_CONTENT = Buffer.from('sai3bench-write-probe-v1');

/** Checks a bucket, as far as the plan needs it: a run that only reads is not asked to write. */
export async function checkS3(
  address: string,
  uri: S3Uri,
  needs: StoreNeeds,
  checks: Checklist,
  s3: S3Plan | undefined,
): Promise<void> {
  const memory = allocateTraffic(1);
  const store = await openToCheck(address, uri, checks, s3, memory);
  if (store === undefined) return;
  try {
    if (!(await checks.attempt('bucket', () => probeBucket(store, checks)))) return;
    if (needs.list) await checks.attempt('list', () => probeList(store));
    if (needs.write) await checks.attempt('write', () => probeWrite(store, needs, checks));
  } finally {
    reportRegion(memory, checks);
    store.close();
  }
}

/** Says how the address is understood, and opens the store there; undefined when that does not make sense. */
async function openToCheck(
  address: string,
  uri: S3Uri,
  checks: Checklist,
  s3: S3Plan | undefined,
  memory: TrafficMemory,
): Promise<ObjectStore | undefined> {
  let store: ObjectStore | undefined;
  await checks.attempt('address', async () => {
    const options = s3 === undefined ? {} : s3OptionsOf(s3);
    const place = await describeS3Endpoint(uri, process.env, options);
    checks.report('info', 'CONFIG', 'address', place);
    store = await openStore(address, {
      traffic: { memory, endpoint: 0 },
      nowNs: monotonicClock(),
      maxInFlight: 2,
      fileMode: 'async',
      env: process.env,
      s3: options,
    });
  });
  return store;
}

/** Says when the bucket is in another region than was configured: every run makes a detour then. */
function reportRegion(memory: TrafficMemory, checks: Checklist): void {
  for (const { region, regionAdopted } of new TrafficReader(memory).takeDelta()) {
    if (!regionAdopted) continue;
    checks.report(
      'warning',
      'CONFIG',
      'region',
      `the server says that the bucket is in region ${region}: requests are signed for it`,
      `set s3.region to ${region}`,
    );
  }
}

/** Asks for an object that does not exist: the server's answer tells address, credentials and bucket apart. */
async function probeBucket(store: ObjectStore, checks: Checklist): Promise<void> {
  const key = probeKey();
  try {
    await new ObjectClient(store).get(key);
  } catch (error) {
    const code = BenchError.is(error) ? error.code : '';
    if (code === 'S3_NoSuchKey') return;
    // The code of an answer in which the server has given none.
    if (code === 'S3_NotFound') throw notS3Error(key, error);
    if (code !== 'S3_AccessDenied') throw error;
    // To who may not list, S3 denies access to an object that is missing: it need not mean more than that.
    checks.report(
      'warning',
      'PERM',
      'bucket',
      'access to an object that does not exist is denied, so it cannot be told whether reading works',
      'grant s3:ListBucket to have this checked',
    );
    return;
  }
  throw notS3Error(key, { message: 'it has an object of that name' });
}

function notS3Error(key: string, cause: unknown): BenchError {
  return new BenchError(
    `asked for an object that cannot exist, ${key}, it does not answer like S3`,
    {
      code: 'PREFLIGHT_NOT_S3',
      class: 'config',
      hint: 'something else seems to listen there, such as a console or a proxy: check host and port of the address',
      cause,
    },
  );
}

/** Lists until the first object is found. */
async function probeList(store: ObjectStore): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = new StoreRequest(({ entries, error }) => {
      if (error === undefined || entries > 0) resolve();
      else reject(error);
    });
    request.operation = 'LIST';
    request.onEntry = () => {
      store.cancelAll();
    };
    store.submit(request);
  });
}

async function probeWrite(store: ObjectStore, needs: StoreNeeds, checks: Checklist): Promise<void> {
  const client = new ObjectClient(store);
  const key = probeKey();
  await client.put(key, PROBE_CONTENT);
  const answer = await client.get(key).catch((error: unknown) => {
    if (needs.read) throw error;
    return PROBE_CONTENT;
  });
  if (!answer.equals(PROBE_CONTENT)) {
    throw new BenchError('the probe object came back with other bytes than were written', {
      code: 'PREFLIGHT_CORRUPT',
      class: 'integrity',
      hint: 'the server stores or returns something else: check for a proxy in between',
    });
  }
  try {
    await client.delete(key);
  } catch (error) {
    if (needs.remove) throw error;
    checks.report(
      'warning',
      'PERM',
      'write',
      `the probe object ${key} could not be removed`,
      'remove it by hand, or grant s3:DeleteObject',
    );
  }
}

function probeKey(): string {
  return `sai3bench-preflight-probe-${randomUUID().slice(0, 8)}.bin`;
}
