import { BenchError } from '@sai3bench/errors';
import type { S3Uri } from '@sai3bench/store-uri';
import { MAX_CHUNK_BYTES } from '../chunk.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import type { StoreRequest } from '../store-request.ts';
import { TrafficCounter } from '../traffic/traffic-counter.ts';
import { allocateTraffic } from '../traffic/traffic-layout.ts';
import { failureError } from './answer-error.ts';
import { type Address, AddressList } from './http/address-list.ts';
import { ConnectionPool } from './http/connection-pool.ts';
import { type Timed, TimerWheel } from './http/timer-wheel.ts';
import { listObjects } from './operations/list-objects.ts';
import { type DeleteFailures, ObjectsDeleter } from './operations/delete-objects.ts';
import {
  abortOrphans,
  type MultipartPlan,
  uploadMultipart,
} from './operations/multipart-upload.ts';
import { ObjectExchange, type ObjectOperation } from './operations/object-exchange.ts';
import type { S3Context } from './operations/s3-context.ts';
import type { S3Exchange } from './operations/s3-exchange.ts';
import { RetryPolicy } from './retry-policy.ts';
import type { S3Endpoint } from './s3-endpoint.ts';
import { cancelledError, s3Error } from './s3-error.ts';
import { s3Settings } from './s3-options.ts';
import { s3Target } from './s3-target.ts';
import { EMPTY_SHA256 } from './sigv4/canonical-request.ts';
import { type Credentials, CredentialsSource, defaultCredentials } from './sigv4/credentials.ts';
import { RequestSigner } from './sigv4/request-signer.ts';
import { warmUpCode } from './warm-up-code.ts';

/** How often names are resolved again, and the age of credentials is looked at. */
const REFRESH_MS = 30_000;
/** Pieces in which bodies are sent: they stay in the cache of the core between being made and being sent. */
const PIECE_BYTES = 512 * 1024;

/**
 * S3 over own HTTP/1.1 connections: one request per connection at a time, bodies neither copied nor collected. Every
 * operation is one request, unless retries are asked for.
 */
export class FastS3Store implements ObjectStore {
  readonly uri: string;
  readonly #wheel = new TimerWheel();
  readonly #addresses: AddressList;
  readonly #pool: ConnectionPool;
  readonly #traffic: TrafficCounter;
  readonly #credentials: CredentialsSource;
  readonly #context: S3Context & { signer: RequestSigner };
  readonly #deleter: ObjectsDeleter;
  readonly #free: ObjectExchange[] = [];
  readonly #backingOff = new Set<S3Exchange>();
  readonly #makeSigner: (credentials: Credentials) => RequestSigner;
  /** Exchanges that came before there were credentials and addresses. */
  #early: S3Exchange[] = [];
  #ready = false;
  #preparing: Promise<void> | undefined;
  #closed = false;

  constructor(
    uri: string,
    parsed: S3Uri,
    endpoint: S3Endpoint,
    options: Pick<StoreOptions, 'nowNs' | 'maxInFlight' | 'chunkBytes' | 'env' | 's3' | 'traffic'>,
  ) {
    this.uri = uri;
    const settings = s3Settings(options.s3);
    const target = s3Target(parsed, endpoint, settings.addressing);
    this.#traffic = new TrafficCounter(
      options.traffic?.memory ?? allocateTraffic(1),
      options.traffic?.endpoint ?? 0,
    );
    this.#traffic.signsFor(endpoint.region, false);
    this.#addresses = new AddressList(target.hostname, this.#traffic);
    this.#pool = new ConnectionPool(
      {
        ...settings,
        localAddress: settings.localAddress,
        host: target.hostname,
        port: target.port,
        tls: target.secure ? settings.tls : undefined,
        maxConnections: options.maxInFlight,
        nowNs: options.nowNs,
        traffic: this.#traffic,
      },
      this.#addresses,
      this.#wheel,
    );
    this.#credentials = new CredentialsSource(defaultCredentials(options.env));
    this.#makeSigner = (credentials) =>
      new RequestSigner(credentials, {
        host: target.host,
        region: endpoint.region,
        usualPayloadHash: settings.payload === 'signed' ? EMPTY_SHA256 : 'UNSIGNED-PAYLOAD',
        extraFields: settings.keepAlive ? '' : 'connection: close\r\n',
      });
    this.#context = {
      bucket: parsed.bucket,
      prefix: parsed.prefix,
      endpoint: endpoint.url ?? `AWS ${endpoint.region}`,
      target,
      payload: settings.payload,
      pieceBytes: Math.min(options.chunkBytes ?? MAX_CHUNK_BYTES, PIECE_BYTES),
      nowNs: options.nowNs,
      retry: new RetryPolicy(settings.maxRetries),
      wheel: this.#wheel,
      traffic: this.#traffic,
      signer: this.#makeSigner({ accessKeyId: '', secretAccessKey: '' }),
      dispatch: (exchange, fresh) => this.#dispatch(exchange, fresh),
      backOff: (exchange) => this.#backingOff.add(exchange),
    };
    this.#deleter = new ObjectsDeleter(this.#context);
  }

  submit(request: StoreRequest): void {
    request.error = undefined;
    request.startNs = 0;
    request.firstByteNs = 0;
    request.bytes = 0;
    request.entries = 0;
    request.connectNs = 0;
    request.retries = 0;
    request.retryNs = 0;
    const { operation } = request;
    switch (operation) {
      case 'LIST':
        void this.#list(request);
        return;
      case 'MKDIR':
      case 'RMDIR':
        refuseDirectory(request, this.#context.nowNs());
        return;
      default:
        this.#start(request, operation);
    }
  }

  #start(request: StoreRequest, operation: ObjectOperation): void {
    const exchange =
      this.#free.pop() ??
      new ObjectExchange(this.#context, request, (done) => this.#free.push(done));
    exchange.start(request, operation);
    this.#dispatch(exchange, false);
  }

  async #list(request: StoreRequest): Promise<void> {
    try {
      await listObjects(this.#context, request);
    } catch (error) {
      request.error = BenchError.from(error);
    }
    request.endNs = this.#context.nowNs();
    if (request.startNs === 0) request.startNs = request.endNs;
    request.onComplete(request);
  }

  #dispatch(exchange: S3Exchange, fresh: boolean): void {
    if (this.#backingOff.size > 0) this.#backingOff.delete(exchange);
    if (this.#ready) {
      if (fresh) this.#pool.submitFresh(exchange);
      else this.#pool.submit(exchange);
      return;
    }
    this.#early.push(exchange);
    this.#prepare().catch(() => undefined);
  }

  /** Finds credentials and addresses. What waits for them fails when there are none. */
  #prepare(): Promise<void> {
    this.#preparing ??= this.#makeReady()
      .then(() => {
        const early = this.#early;
        this.#early = [];
        for (const exchange of early) this.#dispatch(exchange, false);
      })
      .catch((reason: unknown) => {
        const { bucket, endpoint } = this.#context;
        const error = BenchError.is(reason)
          ? reason
          : s3Error('GET', { bucket, endpoint, key: '' }, reason);
        for (const exchange of this.#early.splice(0)) exchange.refuse(error);
        throw error;
      })
      .finally(() => (this.#preparing = undefined));
    return this.#preparing;
  }

  async #makeReady(): Promise<void> {
    this.#checkOpen();
    const [credentials] = await Promise.all([
      this.#credentials.fetch(),
      this.#addresses.ready ? undefined : this.#addresses.refresh(),
    ]);
    this.#checkOpen();
    this.#context.signer = this.#makeSigner(credentials);
    this.#ready = true;
    this.#wheel.start();
    this.#wheel.arm(this.#refresher, this.#wheel.tick + TimerWheel.ticks(REFRESH_MS));
  }

  #checkOpen(): void {
    if (this.#closed) throw cancelledError('GET', this.uri);
  }

  readonly #refresher: Timed = {
    visitTick: 0,
    onVisit: (tick) => {
      void this.#refresh();
      return tick + TimerWheel.ticks(REFRESH_MS);
    },
  };

  async #refresh(): Promise<void> {
    const fresh = await this.#credentials.refresh();
    if (fresh !== undefined) this.#context.signer = this.#makeSigner(fresh);
    // A name server that does not answer now is no reason to forget the addresses.
    const changed = await this.#addresses.refresh().catch(() => false);
    if (changed) this.#pool.rebalance();
  }

  async warmUp(connections: number): Promise<void> {
    await this.#prepare();
    warmUpCode(this.#context);
    const failed = await this.#pool.warmUp(connections);
    if (failed === undefined) return;
    const { bucket, endpoint, prefix } = this.#context;
    const progress = { operation: 'GET', inBody: false, bytes: 0, expectedBytes: -1 } as const;
    throw failureError(progress, { bucket, endpoint, key: prefix }, failed);
  }

  /** What went over each address of the server. */
  addresses(): readonly Address[] {
    return this.#addresses.all();
  }

  /** Deletes objects with as few requests as the server allows; returns what could not be deleted. */
  deleteObjects(keys: readonly string[]): Promise<DeleteFailures> {
    return this.#deleter.delete(keys);
  }

  /** Uploads an object in parts. */
  uploadMultipart(plan: MultipartPlan): Promise<void> {
    return uploadMultipart(this.#context, plan);
  }

  /** Gives up uploads that were begun under a prefix and never ended; returns how many. */
  abortOrphans(prefix: string): Promise<number> {
    return abortOrphans(this.#context, prefix);
  }

  cancelAll(): void {
    const cancelled = { kind: 'cancelled', answered: false, reused: false } as const;
    const waiting = [...this.#early.splice(0), ...this.#backingOff];
    this.#backingOff.clear();
    for (const exchange of waiting) exchange.onFailure(cancelled);
    this.#pool.cancelAll();
  }

  removeMadeDirectories(): readonly BenchError[] {
    return [];
  }

  close(): void {
    this.#closed = true;
    this.#ready = false;
    this.cancelAll();
    this.#pool.close();
    this.#wheel.stop();
  }
}

function refuseDirectory(request: StoreRequest, nowNs: number): void {
  request.startNs = request.endNs = nowNs;
  request.error = new BenchError(`${request.operation} does not exist in object storage`, {
    code: 'S3_NO_DIRECTORIES',
    class: 'config',
    hint: 'use mkdir and rmdir with file:// targets',
  });
  request.onComplete(request);
}
