import { BenchError } from '@sai3bench/errors';
import { endpointOfKey } from '@sai3bench/multi-endpoint';
import {
  type ListEntry,
  ObjectClient,
  type ObjectStore,
  type ObjectVersions,
  openStore,
  type UnfinishedUpload,
  type Versioning,
} from '@sai3bench/object-store';
import { isFileUri, parseStoreUri, type StoreUri } from '@sai3bench/store-uri';
import type { S3Plan, StorePlan } from '@sai3bench/workload-config';
import { monotonicClock } from '../clock.ts';
import { retryPauseMs } from '../stage/pause.ts';
import { s3OptionsOf } from '../s3-access.ts';
import { readFileHead } from './read-file-head.ts';

/** How file systems say that something is in a directory. */
const NOT_EMPTY = new Set(['FILE_ENOTEMPTY', 'FILE_EEXIST']);

/** Attempts at an operation whose error may pass. */
const ATTEMPTS = 5;

/**
 * A store for what is not measured: looking which objects exist, keeping checkpoints. It has connections of its own,
 * blocks no thread, tries again when an error may pass, and takes another endpoint where they show the same objects.
 */
export class SideStore {
  readonly #stores: readonly ObjectStore[];
  readonly #clients: readonly ObjectClient[];
  readonly #uris: readonly StoreUri[];
  readonly #separate: boolean;
  #turn = 0;
  #closed = false;

  private constructor(
    stores: readonly ObjectStore[],
    uris: readonly StoreUri[],
    separate: boolean,
  ) {
    this.#uris = uris;
    this.#stores = stores;
    this.#clients = stores.map((store) => new ObjectClient(store));
    this.#separate = separate;
  }

  /** @param maxInFlight operations that may be under way at once, at each endpoint */
  static async open(
    plan: StorePlan,
    s3: S3Plan | undefined,
    maxInFlight: number,
  ): Promise<SideStore> {
    const stores = await Promise.all(
      plan.endpoints.map((endpoint) =>
        openStore(endpoint, {
          ...{ nowNs: monotonicClock(), maxInFlight, fileMode: 'async', env: process.env },
          ...(s3 === undefined ? {} : { s3: s3OptionsOf(s3) }),
        }),
      ),
    );
    const uris = plan.endpoints.map(parseStoreUri);
    return new SideStore(stores, uris, plan.namespace === 'separate' && stores.length > 1);
  }

  /** Length of an object in bytes; undefined when it is not there. */
  async stat(key: string): Promise<number | undefined> {
    try {
      return await this.#attempt(key, (client) => client.stat(key));
    } catch (error) {
      if (BenchError.is(error) && error.class === 'not-found') return undefined;
      throw error;
    }
  }

  /** The whole object; undefined when it is not there. */
  async get(key: string): Promise<Buffer | undefined> {
    try {
      return await this.#attempt(key, (client) => client.get(key));
    } catch (error) {
      if (BenchError.is(error) && error.class === 'not-found') return undefined;
      throw error;
    }
  }

  /**
   * The first bytes of an object, fewer where it is shorter.
   *
   * @param lengthBytes at least 1
   */
  async head(key: string, lengthBytes: number): Promise<Uint8Array> {
    const uri = this.#uris[this.#endpointFor(key)];
    // A store of files hands out whole ones, however long.
    if (uri !== undefined && isFileUri(uri)) return readFileHead(uri.path + key, lengthBytes);
    return this.#attempt(key, (client) => client.get(key, { offsetBytes: 0, lengthBytes }));
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#attempt(key, (client) => client.put(key, bytes));
  }

  /** Deletes an object; it is no error when it is not there. */
  async delete(key: string): Promise<void> {
    try {
      await this.#attempt(key, (client) => client.delete(key));
    } catch (error) {
      if (!BenchError.is(error) || error.class !== 'not-found') throw error;
    }
  }

  /** Removes an empty directory; false when there is something in it. It is no error when it is not there. */
  async removeDirectory(key: string): Promise<boolean> {
    if (!this.#separate) return this.#removeBy(() => this.#clientFor(undefined), key);
    // Where every endpoint has objects of its own, each has all directories.
    let isGone = true;
    for (const client of this.#clients)
      isGone = (await this.#removeBy(() => client, key)) && isGone;
    return isGone;
  }

  async #removeBy(clientOf: () => ObjectClient, key: string): Promise<boolean> {
    try {
      await this.#retry(() => clientOf().removeDirectory(key));
      return true;
    } catch (error) {
      if (BenchError.is(error) && error.class === 'not-found') return true;
      if (BenchError.is(error) && NOT_EMPTY.has(error.code)) return false;
      throw error;
    }
  }

  /** Calls `onEntry` for every object whose key begins with `prefix`, perhaps more than once. */
  async list(prefix: string, onEntry: (entry: ListEntry) => void): Promise<void> {
    if (!this.#separate) {
      await this.#attempt(undefined, (client) => client.list(prefix, onEntry));
      return;
    }
    await Promise.all(
      this.#clients.map((client, endpoint) =>
        this.#retry(() =>
          client.list(prefix, (entry) => {
            if (endpointOfKey(entry.key, this.#clients.length) === endpoint) onEntry(entry);
          }),
        ),
      ),
    );
  }

  /**
   * Names what lies in a directory, perhaps more than once; see {@link ObjectStore.readDirectory}.
   *
   * @returns false when there is no such directory
   */
  async readDirectory(
    key: string,
    onName: (name: string) => Promise<void> | undefined,
  ): Promise<boolean> {
    const readAt = async (store: ObjectStore | undefined): Promise<boolean> =>
      (await store?.readDirectory?.(key, onName)) ?? false;
    if (!this.#separate) return this.#retry(() => readAt(this.#storeFor(undefined)));
    let isThere = false;
    for (const store of this.#stores) {
      if (await this.#retry(() => readAt(store))) isThere = true;
    }
    return isThere;
  }

  /** Addresses of all endpoints, for messages. */
  get address(): string {
    return this.#stores.map(({ uri }) => uri).join(', ');
  }

  /** Whether objects may have versions at any endpoint; undefined where the driver knows nothing of versions. */
  async versioning(): Promise<Versioning | undefined> {
    const all = new Set<Versioning>();
    await this.withVersions(async (versions) => {
      all.add(await versions.status());
    });
    return (['enabled', 'suspended', 'never'] as const).find((status) => all.has(status));
  }

  /**
   * Works on the versions of objects: at an endpoint, or at each where they show different objects. Is done anew from
   * the beginning when an error may pass.
   *
   * @param act gets the versions of an endpoint, and whether an object belongs there
   */
  async withVersions(
    act: (versions: ObjectVersions, belongs: (key: string) => boolean) => Promise<void>,
  ): Promise<void> {
    const { length } = this.#stores;
    const actAt = async (
      store: ObjectStore | undefined,
      belongs: (key: string) => boolean,
    ): Promise<void> => {
      if (store?.versions !== undefined) await act(store.versions, belongs);
    };
    if (!this.#separate) {
      await this.#retry(() => actAt(this.#storeFor(undefined), () => true));
      return;
    }
    await Promise.all(
      this.#stores.map((store, endpoint) =>
        this.#retry(() => actAt(store, (key) => endpointOfKey(key, length) === endpoint)),
      ),
    );
  }

  /**
   * Gives up unfinished uploads below a prefix, at an endpoint, or at each where they show different objects: those that
   * are said to be own. Where the driver writes nothing in parts, there are none.
   *
   * @param onGivenUp told of each, with the error when it is still there
   * @throws BenchError when uploads cannot be listed
   */
  async abortUploads(
    prefix: string,
    isOwn: (key: string) => boolean,
    onGivenUp: (upload: UnfinishedUpload, error: BenchError | undefined) => void,
  ): Promise<void> {
    const { length } = this.#stores;
    const abortAt = async (
      store: ObjectStore | undefined,
      belongs: (key: string) => boolean,
    ): Promise<void> => {
      await store?.abortOrphans?.(prefix, ({ key }) => belongs(key) && isOwn(key), onGivenUp);
    };
    if (!this.#separate) {
      await this.#retry(() => abortAt(this.#storeFor(undefined), () => true));
      return;
    }
    await Promise.all(
      this.#stores.map((store, endpoint) =>
        this.#retry(() => abortAt(store, (key) => endpointOfKey(key, length) === endpoint)),
      ),
    );
  }

  /** Stops what is under way and frees the connections. */
  close(): void {
    this.#closed = true;
    for (const store of this.#stores) store.close();
  }

  #attempt<Result>(
    key: string | undefined,
    act: (client: ObjectClient) => Promise<Result>,
  ): Promise<Result> {
    return this.#retry(() => act(this.#clientFor(key)));
  }

  async #retry<Result>(act: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        const isLast = attempt === ATTEMPTS || this.#closed;
        if (isLast || !BenchError.is(error) || !error.retryable) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryPauseMs(attempt, Math.random())));
      }
    }
  }

  /** The endpoint that has an object, or any: each attempt takes the next. */
  #endpointFor(key: string | undefined): number {
    const { length } = this.#stores;
    return this.#separate && key !== undefined ? endpointOfKey(key, length) : this.#turn++ % length;
  }

  #storeFor(key: string | undefined): ObjectStore | undefined {
    return this.#stores[this.#endpointFor(key)];
  }

  #clientFor(key: string | undefined): ObjectClient {
    const client = this.#clients[this.#endpointFor(key)];
    if (client !== undefined) return client;
    throw new BenchError('a store has no endpoints', { code: 'NO_ENDPOINT', class: 'internal' });
  }
}
