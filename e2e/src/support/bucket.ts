import {
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { DEFAULT_CREDENTIALS, type S3TestServer } from '@sai3bench/s3-test-server';

const CHECKPOINT = '.sai3-cache-';

/** What is in the bucket of a server, looked at and changed past the programs under test. */
export class BucketView {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(server: S3TestServer, bucket: string) {
    const { accessKeyId, secretAccessKey } = DEFAULT_CREDENTIALS;
    this.#bucket = bucket;
    this.#client = new S3Client({
      ...{ endpoint: server.url, region: 'us-east-1', forcePathStyle: true },
      credentials: { accessKeyId, secretAccessKey },
    });
  }

  /** Sizes of all objects but checkpoints, in bytes, by their keys. */
  async objects(): Promise<ReadonlyMap<string, number>> {
    const objects = new Map<string, number>();
    for (const [key, sizeBytes] of await this.#list()) {
      if (!key.includes(CHECKPOINT)) objects.set(key, sizeBytes);
    }
    return objects;
  }

  /** Keys of all checkpoints. */
  async checkpoints(): Promise<string[]> {
    return [...(await this.#list()).keys()].filter((key) => key.includes(CHECKPOINT));
  }

  async get(key: string): Promise<Uint8Array> {
    const { Body } = await this.#client.send(
      new GetObjectCommand({ Bucket: this.#bucket, Key: key }),
    );
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  }

  /** Deletes up to a thousand objects. */
  async delete(keys: readonly string[]): Promise<void> {
    await this.#client.send(
      new DeleteObjectsCommand({
        Bucket: this.#bucket,
        Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
      }),
    );
  }

  close(): void {
    this.#client.destroy();
  }

  async #list(): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket },
    )) {
      for (const { Key = '', Size = -1 } of Contents) sizes.set(Key, Size);
    }
    return sizes;
  }
}
