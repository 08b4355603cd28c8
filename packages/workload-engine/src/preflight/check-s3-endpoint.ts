import { BenchError, summarizeError } from '@sai3bench/errors';
import {
  allocateTraffic,
  describeS3Endpoint,
  ObjectClient,
  type ObjectStore,
  s3ServerOf,
  StoreRequest,
  TrafficReader,
  type Versioning,
} from '@sai3bench/object-store';
import { TimeLimit, untilAborted } from '../dataset/time-limit.ts';
import { s3OptionsOf } from '../s3-access.ts';
import { type CheckContext, ownerOf } from './check-context.ts';
import { checkServer } from './check-server.ts';
import { Checklist } from './checklist.ts';
import { ObjectProbe } from './object-probe.ts';
import { openProbeStore } from './open-probe-store.ts';
import { objectProbeName } from './probe-names.ts';
import { changesObjects, type S3EndpointOfPlan } from './s3-endpoints.ts';

/** For removing what is left of a check that was given up. */
const REMOVE_LIMIT_MS = 3_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** The checks of one endpoint of S3, in turn; what comes after one that fails is only tried where it can tell something. */
export class S3EndpointCheck {
  readonly #endpoint: S3EndpointOfPlan;
  readonly #context: CheckContext;
  readonly #checks: Checklist;
  readonly #hasCredentials: boolean;
  readonly #traffic = allocateTraffic(1);
  #store: ObjectStore | undefined;
  #probe: ObjectProbe | undefined;
  #versioning: Versioning | undefined;

  constructor(endpoint: S3EndpointOfPlan, context: CheckContext, hasCredentials: boolean) {
    this.#endpoint = endpoint;
    this.#context = context;
    this.#checks = new Checklist(endpoint.address, context);
    this.#hasCredentials = hasCredentials;
  }

  async run(): Promise<void> {
    const checks = this.#checks;
    if (!(await checks.attempt('address', () => this.#open()))) return;
    if (!(await this.#checkServer()) || !this.#hasCredentials) return;
    const store = this.#store;
    if (store === undefined) return;
    if (!(await checks.attempt('bucket', () => probeBucket(store, this.#probeKey(), checks))))
      return;
    this.#reportRegion();
    const { needs } = this.#endpoint;
    const changes = changesObjects(this.#endpoint);
    if (changes) await checks.attempt('versioning', () => this.#checkVersioning(store));
    if (needs.list) await checks.attempt('list', () => probeList(store));
    if (changes) await this.#checkWrite(store);
  }

  /** Frees what the checks hold, and removes what they have left because they were given up. */
  async end(checks: Checklist): Promise<void> {
    const probe = this.#probe;
    this.#store?.cancelAll();
    if (probe?.mayBeThere === true) {
      const limit = new TimeLimit(REMOVE_LIMIT_MS);
      try {
        await untilAborted(limit.signal, () => probe.remove(this.#versioning));
      } catch (error) {
        const { hint, message } = leftError(probe.key, error);
        checks.report('warning', 'PERM', 'delete', `${message}: ${summarizeError(error)}`, hint);
      } finally {
        limit.off();
      }
    }
    this.#store?.close();
  }

  #probeKey(): string {
    const { endpoint, store } = this.#endpoint;
    return objectProbeName(ownerOf(this.#context), store, endpoint);
  }

  /** Says how the address is understood, and opens the store there. */
  async #open(): Promise<void> {
    const { address, uri } = this.#endpoint;
    const { plan } = this.#context;
    const options = plan.s3 === undefined ? {} : s3OptionsOf(plan.s3);
    const place = await describeS3Endpoint(uri, process.env, options);
    this.#checks.report('info', 'CONFIG', 'address', place);
    this.#store = await openProbeStore(address, plan, this.#traffic);
  }

  async #checkServer(): Promise<boolean> {
    const { plan, signal } = this.#context;
    const options = plan.s3 === undefined ? {} : s3OptionsOf(plan.s3);
    const server = await s3ServerOf(this.#endpoint.uri, process.env, options);
    return checkServer(
      server,
      {
        connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, plan.s3?.connectTimeoutMs ?? Infinity),
        localAddress: plan.s3?.localAddress,
        nowMs: Date.now,
        signal,
      },
      this.#checks,
    );
  }

  /** Says when the bucket is in another region than was configured: every run makes a detour then. */
  #reportRegion(): void {
    for (const { region, regionAdopted } of new TrafficReader(this.#traffic).takeDelta()) {
      if (!regionAdopted) continue;
      this.#checks.report(
        'warning',
        'CONFIG',
        'region',
        `the server says that the bucket is in region ${region}: requests are signed for it`,
        `set s3.region to ${region}`,
      );
    }
  }

  async #checkVersioning({ versions }: ObjectStore): Promise<void> {
    if (versions === undefined) return;
    try {
      this.#versioning = await versions.status();
    } catch (error) {
      this.#checks.report(
        'info',
        'CONFIG',
        'versioning',
        `it cannot be told whether the bucket keeps versions: ${summarizeError(error)}`,
      );
      return;
    }
    this.#checks.report('info', 'CONFIG', 'versioning', VERSIONING[this.#versioning]);
  }

  async #checkWrite(store: ObjectStore): Promise<void> {
    const { needs } = this.#endpoint;
    const probe = new ObjectProbe(store, this.#probeKey());
    this.#probe = probe;
    if (!(await this.#checks.attempt('write', () => probe.write()))) return;
    if (needs.read) await this.#checks.attempt('read', () => probe.read());
    await this.#checks.attempt('delete', () => this.#checkDelete(probe));
  }

  /** That a probe stays keeps no run from starting that deletes nothing. */
  async #checkDelete(probe: ObjectProbe): Promise<void> {
    try {
      await probe.remove(this.#versioning);
    } catch (cause) {
      const error = leftError(probe.key, cause);
      // It is tried once, unless the checks end meanwhile.
      if (!this.#context.signal.aborted) this.#probe = undefined;
      if (this.#endpoint.needs.remove) throw error;
      this.#checks.warn('delete', error);
    }
  }
}

const VERSIONING: Readonly<Record<Versioning, string>> = {
  never: 'the bucket keeps no versions',
  enabled:
    'the bucket keeps versions: what is overwritten or deleted stays, and takes room, until cleanup deletes it for good',
  suspended: 'the bucket has kept versions before, but makes none now',
};

function leftError(key: string, cause: unknown): BenchError {
  return new BenchError(`the probe object ${key} could not be removed`, {
    code: 'PREFLIGHT_PROBES_LEFT',
    class: BenchError.is(cause) ? cause.class : 'internal',
    hint: 'remove it by hand, and grant s3:DeleteObject',
    cause,
  });
}

/** Asks for an object that does not exist: the server's answer tells address, credentials and bucket apart. */
async function probeBucket(store: ObjectStore, key: string, checks: Checklist): Promise<void> {
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
