import { BenchError } from '@sai3bench/errors';
import type {
  ListEntry,
  ObjectVersions,
  UnfinishedUpload,
  Versioning,
} from '@sai3bench/object-store';
import { isFileUri } from '@sai3bench/store-uri';
import type { StorePlan } from '@sai3bench/workload-config/plan';
import { IncomingFile, OutgoingFile } from '../checkpoint/local-file.ts';
import { readFileHead } from '../checkpoint/read-file-head.ts';
import type { EndpointRequests } from '../describe-requests.ts';
import { atMount } from '../pools/missing-mount.ts';
import {
  type Place,
  type SideEndpoint,
  SideEndpoints,
  type SideOptions,
} from './side-endpoints.ts';

/** How file systems say that something is in a directory. */
const NOT_EMPTY = new Set(['FILE_ENOTEMPTY', 'FILE_EEXIST']);

/**
 * A store for what is not measured: looking which objects exist, keeping checkpoints. It has connections of its own,
 * blocks no thread, tries again when an error may pass, and takes another endpoint where they show the same objects.
 */
export class SideStore {
  readonly #endpoints: SideEndpoints;

  private constructor(endpoints: SideEndpoints) {
    this.#endpoints = endpoints;
  }

  static async open(plan: StorePlan, options: SideOptions): Promise<SideStore> {
    return new SideStore(await SideEndpoints.open(plan, options));
  }

  /** Length of an object in bytes; undefined when it is not there. */
  stat(key: string): Promise<number | undefined> {
    return orMissing(
      undefined,
      this.#attempt(key, ({ client }) => client.stat(key)),
    );
  }

  /**
   * Writes an object to a local file, a piece at a time; false when it is not there.
   *
   * @param onPiece called when a piece has come
   * @throws BenchError also when the file cannot be written
   */
  async getFile(key: string, path: string, onPiece?: () => void): Promise<boolean> {
    const file = new IncomingFile(path);
    try {
      const isThere = await orMissing(
        false,
        this.#attempt(key, async ({ client }) => {
          await client.getInPieces(key, (piece, offsetBytes) => {
            file.write(piece, offsetBytes);
            onPiece?.();
          });
          return true;
        }),
      );
      file.check();
      return isThere;
    } finally {
      file.close();
    }
  }

  /**
   * The first bytes of an object, fewer where it is shorter.
   *
   * @param lengthBytes at least 1
   */
  async head(key: string, lengthBytes: number): Promise<Uint8Array> {
    return this.#attempt(key, ({ client, uri }) =>
      // A store of files hands out whole ones, however long.
      isFileUri(uri)
        ? readFileHead(uri.path + key, lengthBytes)
        : client.get(key, { offsetBytes: 0, lengthBytes }),
    );
  }

  /**
   * Puts a local file, a chunk at a time.
   *
   * @throws BenchError also when the file cannot be read
   */
  async putFile(key: string, path: string): Promise<void> {
    const file = new OutgoingFile(path);
    try {
      await this.#attempt(key, ({ client }) => client.putFrom(key, file.sizeBytes, file));
      file.check();
    } finally {
      file.close();
    }
  }

  /** Deletes an object; it is no error when it is not there. */
  async delete(key: string): Promise<void> {
    await orMissing(
      undefined,
      this.#attempt(key, ({ client }) => client.delete(key)),
    );
  }

  /** Removes an empty directory; false when there is something in it. It is no error when it is not there. */
  async removeDirectory(key: string): Promise<boolean> {
    let isGone = true;
    // Where every endpoint has objects of its own, each has all directories.
    for (const place of this.#endpoints.places) {
      isGone = (await this.#removeAt(place, key)) && isGone;
    }
    return isGone;
  }

  async #removeAt(place: Place, key: string): Promise<boolean> {
    try {
      await orMissing(
        undefined,
        this.#attemptAt(place, ({ client }) => client.removeDirectory(key)),
      );
      return true;
    } catch (error) {
      if (BenchError.is(error) && NOT_EMPTY.has(error.code)) return false;
      throw error;
    }
  }

  /** Calls `onEntry` for every object whose key begins with `prefix`, perhaps more than once. */
  async list(prefix: string, onEntry: (entry: ListEntry) => void): Promise<void> {
    await Promise.all(
      this.#endpoints.places.map((place) =>
        this.#endpoints.attempt(place, ({ client }) =>
          client.listPatiently(prefix, (entry) => {
            if (place.has(entry.key)) onEntry(entry);
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
    let isThere = false;
    for (const place of this.#endpoints.places) {
      const isThereToo = await orMissing(
        false,
        this.#endpoints.attempt(place, ({ store, uri }) =>
          atMount(
            uri,
            async () => (await store.readDirectory?.(key, onName)) ?? false,
            (found) => !found,
          ),
        ),
      );
      isThere ||= isThereToo;
    }
    return isThere;
  }

  /** Addresses of all endpoints, for messages. */
  get address(): string {
    return this.#endpoints.address;
  }

  /** What was asked of each endpoint so far. */
  get requests(): readonly EndpointRequests[] {
    return this.#endpoints.requests;
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
    await Promise.all(
      this.#endpoints.places.map((place) =>
        this.#endpoints.attempt(place, async ({ store }) => {
          if (store.versions !== undefined) await act(store.versions, place.has);
        }),
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
    await Promise.all(
      this.#endpoints.places.map((place) =>
        this.#endpoints.attempt(place, async ({ store }) => {
          await store.abortOrphans?.(prefix, ({ key }) => place.has(key) && isOwn(key), onGivenUp);
        }),
      ),
    );
  }

  /** Stops what is under way, with its connections; it is not tried again. */
  cancelAll(): void {
    this.#endpoints.cancelAll();
  }

  /** Stops what is under way and frees the connections. */
  close(): void {
    this.#endpoints.close();
  }

  #attempt<Result>(key: string, act: (endpoint: SideEndpoint) => Promise<Result>): Promise<Result> {
    return this.#attemptAt(this.#endpoints.placeOf(key), act);
  }

  #attemptAt<Result>(
    place: Place,
    act: (endpoint: SideEndpoint) => Promise<Result>,
  ): Promise<Result> {
    return this.#endpoints.attempt(place, (endpoint) => atMount(endpoint.uri, () => act(endpoint)));
  }
}

/** What something has come to; `instead` when there was nothing to do it with. */
async function orMissing<Result, Instead>(
  instead: Instead,
  result: Promise<Result>,
): Promise<Result | Instead> {
  try {
    return await result;
  } catch (error) {
    if (BenchError.is(error) && error.class === 'not-found') return instead;
    throw error;
  }
}
