import { Refusal } from '../refusal/refusal.ts';
import { Bucket } from './bucket.ts';

/** All buckets, in memory. */
export class Storage {
  readonly #buckets = new Map<string, Bucket>();

  /** @throws Refusal NoSuchBucket */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new Refusal('NoSuchBucket', { details: { BucketName: name } });
    return bucket;
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  create(name: string, region: string, createdMs: number): Bucket {
    const bucket = new Bucket(name, region, createdMs);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  delete(name: string): void {
    this.#buckets.delete(name);
  }

  /** By name. */
  list(): readonly Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Whether S3 takes this as a name of a bucket (Amazon S3 user guide, "Bucket naming rules"). */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..');
}
