import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { BenchError } from '@sai3bench/errors';
import type { S3Uri } from '@sai3bench/store-uri';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { cancelledError } from '../cancelled-error.ts';
import { MAX_CHUNK_BYTES } from '../chunk.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import type { PayloadSource, StoreRequest } from '../store-request.ts';
import { rangeError } from './content-range.ts';
import { tlsConnectionOptions } from './http/tls-options.ts';
import type { S3Endpoint } from './s3-endpoint.ts';
import { s3Error } from './s3-error.ts';
import { credentialsOf, type CredentialsSource } from './sigv4/credentials.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** A connection on which nothing moves for this long is given up. */
const IDLE_TIMEOUT_MS = 60_000;

/**
 * S3 through @aws-sdk/client-s3. Every operation is one request: the SDK's own retries are off, so that they do
 * not hide in latencies. Checksums are sent and checked only where S3 requires them, because many servers do not
 * know them.
 */
export class SdkS3Store implements ObjectStore {
  readonly uri: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #endpoint: string;
  readonly #nowNs: () => number;
  readonly #chunkBytes: number;
  readonly #underWay = new Set<AbortController>();

  constructor(
    uri: string,
    parsed: S3Uri,
    endpoint: S3Endpoint,
    options: Pick<StoreOptions, 'nowNs' | 'maxInFlight' | 'chunkBytes' | 's3' | 'env'>,
  ) {
    this.uri = uri;
    this.#bucket = parsed.bucket;
    this.#prefix = parsed.prefix;
    this.#endpoint = endpoint.url ?? `AWS ${endpoint.region}`;
    this.#nowNs = options.nowNs;
    this.#chunkBytes = options.chunkBytes ?? MAX_CHUNK_BYTES;
    const { tls = {} } = options.s3 ?? {};
    const agent = { keepAlive: true, maxSockets: options.maxInFlight };
    const credentials = credentialsOf(options.env);
    this.#client = new S3Client({
      region: endpoint.region,
      credentials: () => identityFrom(credentials),
      forcePathStyle: endpoint.pathStyle,
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: new NodeHttpHandler({
        connectionTimeout: CONNECT_TIMEOUT_MS,
        socketTimeout: IDLE_TIMEOUT_MS,
        httpAgent: agent,
        // The agent finds the name to ask for by itself, unless the settings have one.
        httpsAgent: { ...agent, ...tlsConnectionOptions(tls, '', true) },
      }),
      ...(endpoint.url === undefined ? {} : { endpoint: endpoint.url }),
    });
  }

  submit(request: StoreRequest): void {
    request.error = undefined;
    request.firstByteNs = 0;
    request.bytes = 0;
    request.entries = 0;
    const abort = new AbortController();
    this.#underWay.add(abort);
    this.#perform(request, abort.signal)
      .catch((error: unknown) => {
        request.error = this.#explain(request, error, abort.signal.aborted);
      })
      .finally(() => {
        this.#underWay.delete(abort);
        request.endNs = this.#nowNs();
        request.onComplete(request);
      });
  }

  async #perform(request: StoreRequest, abortSignal: AbortSignal): Promise<void> {
    const object = { Bucket: this.#bucket, Key: this.#prefix + request.key };
    const options = { abortSignal };
    switch (request.operation) {
      case 'GET': {
        request.startNs = this.#nowNs();
        const { Body, ContentLength, ContentRange } = await this.#client.send(
          new GetObjectCommand({ ...object, ...rangeOf(request) }),
          options,
        );
        request.firstByteNs = this.#nowNs();
        await readBody(request, Body as Readable);
        checkLength(request, ContentLength);
        checkRange(request, ContentRange);
        return;
      }
      case 'PUT': {
        const Body = bodyOf(request, this.#chunkBytes);
        request.startNs = this.#nowNs();
        const command = new PutObjectCommand({ ...object, Body, ContentLength: request.sizeBytes });
        await this.#client.send(command, options);
        request.firstByteNs = this.#nowNs();
        request.bytes = request.sizeBytes;
        return;
      }
      case 'STAT': {
        request.startNs = this.#nowNs();
        const { ContentLength } = await this.#client.send(new HeadObjectCommand(object), options);
        request.bytes = ContentLength ?? 0;
        return;
      }
      case 'DELETE':
        request.startNs = this.#nowNs();
        await this.#client.send(new DeleteObjectCommand(object), options);
        return;
      case 'LIST':
        request.startNs = this.#nowNs();
        await this.#list(request, options);
        return;
      case 'MKDIR':
      case 'RMDIR':
        request.startNs = this.#nowNs();
        throw new BenchError(`${request.operation} does not exist in object storage`, {
          code: 'S3_NO_DIRECTORIES',
          class: 'config',
          hint: 'use mkdir and rmdir with file:// targets',
        });
    }
  }

  async #list(request: StoreRequest, options: { abortSignal: AbortSignal }): Promise<void> {
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: this.#prefix + request.key,
          ContinuationToken: token,
        }),
        options,
      );
      if (request.firstByteNs === 0) request.firstByteNs = this.#nowNs();
      for (const { Key, Size } of page.Contents ?? []) {
        // A server that does not know prefixes shows more.
        if (Key?.startsWith(this.#prefix + request.key) !== true) continue;
        request.entries++;
        request.onEntry?.({ key: Key.slice(this.#prefix.length), sizeBytes: Size ?? 0 });
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  #explain(request: StoreRequest, error: unknown, aborted: boolean): BenchError {
    if (BenchError.is(error)) return error;
    if (aborted) return cancelledError(request.operation, request.key);
    const place = {
      endpoint: this.#endpoint,
      bucket: this.#bucket,
      key: this.#prefix + request.key,
    };
    return s3Error(request.operation, place, error);
  }

  cancelAll(): void {
    for (const abort of this.#underWay) abort.abort();
  }

  removeMadeDirectories(): readonly BenchError[] {
    return [];
  }

  close(): void {
    this.cancelAll();
    this.#client.destroy();
  }
}

async function readBody(request: StoreRequest, body: Readable): Promise<void> {
  for await (const piece of body as AsyncIterable<Buffer>) {
    request.onData?.(piece, request.bytes);
    request.bytes += piece.length;
  }
}

function rangeOf({ range }: StoreRequest): { Range?: string } {
  if (range === undefined) return {};
  const last = range.offsetBytes + range.lengthBytes - 1;
  return { Range: `bytes=${String(range.offsetBytes)}-${String(last)}` };
}

function checkRange({ bytes, key, range }: StoreRequest, answered: string | undefined): void {
  const error = range === undefined ? undefined : rangeError(key, range, answered, bytes);
  if (error !== undefined) throw error;
}

function checkLength(request: StoreRequest, contentLength: number | undefined): void {
  if (contentLength === undefined || contentLength === request.bytes) return;
  throw new BenchError(
    `GET ${request.key} returned ${String(request.bytes)} of ${String(contentLength)} bytes`,
    { code: 'S3_SHORT_BODY', class: 'integrity', key: request.key, retryable: false },
  );
}

/** A payload of one piece as a buffer, a larger one as a stream of pieces. */
function bodyOf(request: StoreRequest, chunkBytes: number): Uint8Array | Readable {
  const { payload, sizeBytes } = request;
  if (payload === undefined || sizeBytes <= 0) return new Uint8Array();
  if (sizeBytes <= chunkBytes) return payload.chunk(0, sizeBytes);
  return Readable.from(chunks(payload, sizeBytes, chunkBytes), { objectMode: false });
}

/** A payload in pieces; each is copied because the stream holds on to it while the next is made. */
function* chunks(payload: PayloadSource, sizeBytes: number, chunkBytes: number): Generator<Buffer> {
  for (let offset = 0; offset < sizeBytes; offset += chunkBytes) {
    yield Buffer.from(payload.chunk(offset, Math.min(chunkBytes, sizeBytes - offset)));
  }
}

/** Credentials as the SDK takes them: what there is none of is left out. */
async function identityFrom(source: CredentialsSource): Promise<{
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}> {
  const { accessKeyId, expiration, secretAccessKey, sessionToken } = await source.get();
  return {
    ...{ accessKeyId, secretAccessKey },
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration === undefined ? {} : { expiration }),
  };
}
