import { BenchError } from '@sai3bench/errors';
import {
  type Fault,
  type FaultMatch,
  type S3TestServer,
  type S3TestServerOptions,
  startS3TestServer,
} from '@sai3bench/s3-test-server';
import { ObjectClient } from '../object-client.ts';
import { FastS3Store } from '../s3/fast-s3-store.ts';
import type { S3Options } from '../s3/s3-options.ts';
import { content } from './content.ts';
import { openDriver } from './driver.ts';

/** What is stored under `key` to begin with. */
export const CONTENT = content(300);

/** More connections than the store has. */
const MAX_CONNECTIONS = 64;

/** The fast driver, and a server that can be told to misbehave; one pair at a time. */
export class FaultyServer {
  #server: S3TestServer | undefined;
  #store: FastS3Store | undefined;

  get server(): S3TestServer {
    if (this.#server === undefined) throw new TypeError('no server was started');
    return this.#server;
  }

  get store(): FastS3Store {
    if (this.#store === undefined) throw new TypeError('no store was opened');
    return this.#store;
  }

  get client(): ObjectClient {
    return new ObjectClient(this.store);
  }

  async start(s3: S3Options = {}, options: S3TestServerOptions = {}): Promise<void> {
    this.#server = await startS3TestServer({ buckets: ['bucket'], requestLog: 10_000, ...options });
    const store = await openDriver('fast', this.#server, 'bucket/', s3);
    if (!(store instanceof FastS3Store)) throw new TypeError('not the fast store');
    this.#store = store;
    await this.client.put('key', CONTENT);
  }

  /** From now on requests are struck by these faults. */
  strike(fault: Fault | readonly Fault[], match: FaultMatch = {}): void {
    this.server.faults.add({ match, fault });
  }

  /** The store works, once the server is as it should be. */
  async recovers(): Promise<boolean> {
    this.server.faults.clear();
    return CONTENT.equals(await this.#putAndGet());
  }

  /**
   * Puts an object and reads it. A connection that the server stalled behind a whole answer looks well until it is used: each costs
   * one operation, and then it is gone.
   */
  async #putAndGet(): Promise<Buffer> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.client.put('after', CONTENT);
        return await this.client.get('after');
      } catch (error) {
        if (attempt > MAX_CONNECTIONS || BenchError.from(error).class !== 'timeout') throw error;
      }
    }
  }

  async stop(): Promise<void> {
    this.#store?.close();
    await this.#server?.stop();
    this.#store = this.#server = undefined;
  }
}
