import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerMessage } from './s3-server-main.ts';

/** An object as the storage has it. */
export interface StoredObject {
  readonly sizeBytes: number;
  /** When it was written, in ms since 1970. */
  readonly modifiedMs: number;
}

/** A storage that outlives the processes which write to it, and knows when they did. */
export interface LastingStorage {
  /** Address for a workload; another one after {@link renew}. */
  readonly target: string;
  /** Resolves when something is written from now on. */
  nextPut(): Promise<void>;
  /** Prepared objects whose keys come after one, by their keys; all of them after the empty key. */
  objectsAfter(key: string): Promise<ReadonlyMap<string, StoredObject>>;
  /** Begins anew, with nothing in it. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

const PREPARED = 'prepared-';

/** Files in a directory, which is made, emptied and removed. */
export function openLastingFiles(directory: string): LastingStorage {
  const remove = async (): Promise<void> => {
    rmSync(directory, { recursive: true, force: true });
  };
  mkdirSync(directory);
  return {
    target: `file://${directory}/`,
    nextPut: () =>
      new Promise((resolve) => {
        const watcher = watch(directory, (_, name) => {
          if (name?.startsWith(PREPARED) !== true) return;
          watcher.close();
          resolve();
        });
      }),
    objectsAfter: async (key) => {
      const names = readdirSync(directory).filter(
        (name) => name.startsWith(PREPARED) && name > key,
      );
      return new Map(
        names.map((name) => {
          const { mtimeMs: modifiedMs, size: sizeBytes } = statSync(join(directory, name));
          return [name, { sizeBytes, modifiedMs }];
        }),
      );
    },
    renew: async () => {
      await remove();
      mkdirSync(directory);
    },
    close: remove,
  };
}

const SERVER = fileURLToPath(new URL('s3-server-main.ts', import.meta.url));
const SOURCE_CONDITION = '--conditions=@sai3bench/source';
const PREFIX = 'set/';
const ENTRY = /<Key>set\/(.*?)<\/Key><LastModified>(.*?)<\/LastModified>.*?<Size>(\d+)<\/Size>/g;

/** A bucket of our own server in another process; until it is closed, the environment of this one has its credentials. */
export async function openLastingBucket(): Promise<LastingStorage> {
  const bucket = new LastingBucket();
  await bucket.renew();
  return bucket;
}

class LastingBucket implements LastingStorage {
  #server: ChildProcess | undefined;
  #host = '';
  #env: readonly string[] = [];

  get target(): string {
    return `s3://${this.#host}/bucket/${PREFIX}`;
  }

  async nextPut(): Promise<void> {
    if (this.#server === undefined) return;
    this.#server.send('next-put');
    await nextMessage(this.#server);
  }

  async objectsAfter(key: string): Promise<ReadonlyMap<string, StoredObject>> {
    const objects = new Map<string, StoredObject>();
    for (let next: string | undefined = key; next !== undefined;)
      next = await this.#list(next, objects);
    return objects;
  }

  /** Adds a page of a listing to `objects`; returns the key after which the next begins. */
  async #list(after: string, objects: Map<string, StoredObject>): Promise<string | undefined> {
    const query = new URLSearchParams({
      ...{ 'list-type': '2', prefix: PREFIX + PREPARED, 'start-after': PREFIX + after },
    });
    const answer = await fetch(`http://${this.#host}/bucket?${query.toString()}`);
    const page = await answer.text();
    let last: string | undefined;
    for (const [, name = '', modified = '', size] of page.matchAll(ENTRY)) {
      objects.set(name, { sizeBytes: Number(size), modifiedMs: Date.parse(modified) });
      last = name;
    }
    return page.includes('<IsTruncated>true<') ? last : undefined;
  }

  async renew(): Promise<void> {
    await this.close();
    const server = fork(SERVER, { execArgv: [SOURCE_CONDITION] });
    this.#server = server;
    const ready = await nextMessage(server);
    if (ready.type !== 'ready') return;
    this.#host = ready.host;
    this.#env = Object.keys(ready.env);
    Object.assign(process.env, ready.env);
  }

  async close(): Promise<void> {
    for (const name of this.#env) Reflect.deleteProperty(process.env, name);
    if (this.#server === undefined) return;
    const ended = once(this.#server, 'exit');
    this.#server.kill('SIGKILL');
    await ended;
    this.#server = undefined;
  }
}

async function nextMessage(server: ChildProcess): Promise<ServerMessage> {
  const [message] = (await once(server, 'message')) as [ServerMessage];
  return message;
}
