import type { MultipartUpload } from './multipart-upload.ts';
import { SortedKeys } from './sorted-keys.ts';
import type { StoredObject } from './stored-object.ts';

/** A bucket in memory. */
export class Bucket {
  readonly name: string;
  readonly region: string;
  readonly createdMs: number;
  /** By upload id, in the order of their creation. */
  readonly uploads = new Map<string, MultipartUpload>();
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys = new SortedKeys();

  constructor(name: string, region: string, createdMs: number) {
    this.name = name;
    this.region = region;
    this.createdMs = createdMs;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  put(key: string, object: StoredObject): void {
    if (!this.#objects.has(key)) this.#keys.add(key);
    this.#objects.set(key, object);
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#keys.remove(key);
  }

  /** The keys from the first that is not before, in order; see {@link SortedKeys.from}. */
  keysFrom(isBefore: (key: string) => boolean): Generator<string, void, undefined> {
    return this.#keys.from(isBefore);
  }
}
