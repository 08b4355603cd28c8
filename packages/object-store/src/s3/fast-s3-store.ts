import { BenchError } from '@sai3bench/errors';
import type { S3Uri } from '@sai3bench/store-uri';
import { cancelledError } from '../cancelled-error.ts';
import { MAX_CHUNK_BYTES } from '../chunk.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import type { ObjectVersions } from '../object-versions.ts';
import type { StoreRequest } from '../store-request.ts';
import { TrafficCounter } from '../traffic/traffic-counter.ts';
import { allocateTraffic } from '../traffic/traffic-layout.ts';
import { failureError } from './answer-error.ts';
import type { Address } from './http/address-list.ts';
import { threadTimerWheel } from './http/timer-wheel.ts';
import {
  type DeleteFailures,
  type DeleteRequest,
  ObjectsDeleter,
} from './operations/delete-objects.ts';
import { listObjects } from './operations/list-objects.ts';
import { type MultipartPlan, uploadMultipart } from './operations/multipart-upload.ts';
import { ObjectExchange, type ObjectOperation } from './operations/object-exchange.ts';
import { S3Versions } from './operations/object-versions.ts';
import {
  abortOrphans,
  type OnGivenUp,
  type UnfinishedUpload,
} from './operations/orphan-uploads.ts';
import { goesInParts, putInParts } from './operations/put-in-parts.ts';
import type { S3Context } from './operations/s3-context.ts';
import type { S3Exchange } from './operations/s3-exchange.ts';
import { RetryPolicy } from './retry-policy.ts';
import type { S3Endpoint } from './s3-endpoint.ts';
import { preparationError } from './s3-error.ts';
import { type MultipartSettings, s3Settings } from './s3-options.ts';
import { S3Places } from './s3-places.ts';
import { S3Upkeep } from './s3-upkeep.ts';
import { credentialsOf } from './sigv4/credentials.ts';
import { warmUpCode } from './warm-up-code.ts';

/** Pieces in which bodies are sent: they stay in the cache of the core between being made and being sent. */
const PIECE_BYTES = 512 * 1024;

/**
 * S3 over own HTTP/1.1 connections: one request per connection at a time, bodies neither copied nor collected. Every
 * operation is one request, unless retries are asked for.
 */
export class FastS3Store implements ObjectStore {
  readonly uri: string;
  readonly versions: ObjectVersions;
  readonly #wheel = threadTimerWheel();
  readonly #places: S3Places;
  readonly #traffic: TrafficCounter;
  readonly #upkeep: S3Upkeep;
  readonly #context: S3Context;
  readonly #deleter: ObjectsDeleter;
  readonly #multipart: MultipartSettings;
  readonly #free: ObjectExchange[] = [];
  readonly #backingOff = new Set<S3Exchange>();
  /** Exchanges that came before there were credentials and addresses. */
  #early: S3Exchange[] = [];
  #ready = false;
  #preparing: Promise<void> | undefined;
  #closed = false;

  constructor(
    uri: string,
    parsed: S3Uri,
    endpoint: S3Endpoint,
    options: Pick<
      StoreOptions,
      'nowNs' | 'maxInFlight' | 'maxConnections' | 'chunkBytes' | 'env' | 's3' | 'traffic'
    >,
  ) {
    this.uri = uri;
    const settings = s3Settings(options.s3);
    this.#multipart = settings.multipart;
    this.#traffic = new TrafficCounter(
      options.traffic?.memory ?? allocateTraffic(1),
      options.traffic?.endpoint ?? 0,
    );
    this.#places = new S3Places({
      uri: parsed,
      endpoint,
      settings,
      maxConnections: options.maxConnections ?? options.maxInFlight,
      nowNs: options.nowNs,
      wheel: this.#wheel,
      traffic: this.#traffic,
    });
    this.#upkeep = new S3Upkeep(this.#places, credentialsOf(options.env), this.#wheel);
    this.#context = {
      bucket: parsed.bucket,
      prefix: parsed.prefix,
      endpoint: endpoint.url ?? `AWS ${endpoint.region}`,
      payload: settings.payload,
      pieceBytes: Math.min(options.chunkBytes ?? MAX_CHUNK_BYTES, PIECE_BYTES),
      nowNs: options.nowNs,
      retry: new RetryPolicy(settings.maxRetries),
      wheel: this.#wheel,
      traffic: this.#traffic,
      places: this.#places,
      dispatch: (exchange, fresh) => this.#dispatch(exchange, fresh),
      backOff: (exchange) => this.#backingOff.add(exchange),
      backOffOver: (exchange) => this.#backOffOver(exchange),
    };
    this.#deleter = new ObjectsDeleter(this.#context);
    this.versions = new S3Versions(this.#context);
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
    if (goesInParts(request, this.#multipart)) {
      void this.#finish(request, putInParts(this.#context, request, this.#multipart));
      return;
    }
    switch (operation) {
      case 'LIST':
        void this.#finish(request, listObjects(this.#context, request));
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
      new ObjectExchange(this.#context, request, (done) => {
        // One that was cancelled in its back-off is still in the timer wheel, where it cannot have another visit.
        if (done.visitTick === 0) this.#free.push(done);
      });
    exchange.start(request, operation);
    this.#dispatch(exchange, false);
  }

  /** Ends an operation of several requests. */
  async #finish(request: StoreRequest, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      request.error = BenchError.from(error);
    }
    request.endNs = this.#context.nowNs();
    if (request.startNs === 0) request.startNs = request.endNs;
    request.onComplete(request);
  }

  #dispatch(exchange: S3Exchange, fresh: boolean): void {
    if (this.#ready) {
      const { addresses, pool } = exchange.destination;
      if (!addresses.ready) this.#resolveFor(exchange);
      else if (fresh) pool.submitFresh(exchange);
      else pool.submit(exchange);
      return;
    }
    this.#early.push(exchange);
    // A failure is told by each of the exchanges that wait, which are refused.
    this.#prepare().catch(() => undefined);
  }

  /** Sends an exchange that has waited, unless it was cancelled meanwhile. */
  #backOffOver(exchange: S3Exchange): void {
    if (this.#backingOff.delete(exchange)) this.#dispatch(exchange, false);
  }

  /** Looks up where a request was sent on to. */
  #resolveFor(exchange: S3Exchange): void {
    this.#backingOff.add(exchange);
    exchange.destination.addresses.refresh().then(
      () => this.#backOffOver(exchange),
      (reason: unknown) => {
        if (this.#backingOff.delete(exchange)) exchange.refuse(this.#notReady(reason));
      },
    );
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
        const error = this.#notReady(reason);
        for (const exchange of this.#early.splice(0)) exchange.refuse(error);
        throw error;
      })
      .finally(() => (this.#preparing = undefined));
    return this.#preparing;
  }

  /** Why requests cannot be sent at all: it is about none of their objects. */
  #notReady(reason: unknown): BenchError {
    const { bucket, endpoint } = this.#context;
    return BenchError.is(reason) ? reason : preparationError({ bucket, endpoint }, reason);
  }

  async #makeReady(): Promise<void> {
    this.#checkOpen();
    if (this.#ready) return;
    const credentials = await this.#upkeep.find();
    this.#checkOpen();
    this.#upkeep.begin(credentials);
    this.#ready = true;
  }

  #checkOpen(): void {
    if (this.#closed) throw cancelledError('GET', this.uri);
  }

  async warmUp(connections: number): Promise<void> {
    await this.#prepare();
    const { current } = this.#places;
    warmUpCode(current);
    const failed = await current.pool.warmUp(connections);
    if (failed === undefined) return;
    const { bucket, endpoint, prefix } = this.#context;
    const progress = { operation: 'GET', inBody: false, bytes: 0, expectedBytes: -1 } as const;
    throw failureError(progress, { bucket, endpoint, key: prefix }, failed);
  }

  /** What went over each address of the server. */
  addresses(): readonly Address[] {
    return this.#places.addresses;
  }

  /** Deletes objects with as few requests as the server allows; returns what could not be deleted. */
  deleteObjects(
    keys: readonly string[],
    onRequest?: (request: DeleteRequest) => void,
  ): Promise<DeleteFailures> {
    return this.#deleter.delete(keys, onRequest);
  }

  /** Uploads an object in parts. */
  uploadMultipart(plan: MultipartPlan): Promise<void> {
    const times = { startNs: 0, firstByteNs: 0, connectNs: 0, retries: 0, retryNs: 0 };
    return uploadMultipart(this.#context, plan, times);
  }

  abortOrphans(
    prefix: string,
    isOwn: (upload: UnfinishedUpload) => boolean,
    onGivenUp?: OnGivenUp,
  ): Promise<number> {
    return abortOrphans(this.#context, prefix, isOwn, onGivenUp);
  }

  cancelAll(): void {
    const cancelled = { kind: 'cancelled', answered: false, reused: false } as const;
    const waiting = [...this.#early.splice(0), ...this.#backingOff];
    this.#backingOff.clear();
    for (const exchange of waiting) exchange.onFailure(cancelled);
    this.#places.cancelAll();
  }

  removeMadeDirectories(): readonly BenchError[] {
    return [];
  }

  close(): void {
    this.#closed = true;
    this.#ready = false;
    this.cancelAll();
    this.#places.close();
    this.#upkeep.end();
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
