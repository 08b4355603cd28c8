import type { BenchError } from '@sai3bench/errors';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import { FastS3Store } from '../s3/fast-s3-store.ts';
import type { S3Options } from '../s3/s3-options.ts';
import { StoreRequest } from '../store-request.ts';
import {
  type Script,
  type ScriptedServer,
  type ScriptOptions,
  startScriptedServer,
} from './scripted-server.ts';

const ENV = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hunter2', AWS_REGION: 'us-east-1' };

/** A store and the scripted server that it talks to; one at a time. */
export class S3Fixture {
  #server: ScriptedServer | undefined;
  #store: FastS3Store | undefined;

  /** The server of the present test. */
  get server(): ScriptedServer {
    if (this.#server === undefined) throw new TypeError('no server was started');
    return this.#server;
  }

  async serve(script: Script, options?: ScriptOptions): Promise<void> {
    this.#server = await startScriptedServer(script, options);
  }

  /** Opens the store at the server, or at another port. */
  async open(s3: S3Options = {}, maxInFlight = 4, port = this.server.port): Promise<FastS3Store> {
    const opened = await openStore(`s3://127.0.0.1:${String(port)}/bucket/p/`, {
      nowNs: () => performance.now() * 1e6,
      maxInFlight,
      fileMode: 'sync',
      env: ENV,
      s3,
    });
    if (!(opened instanceof FastS3Store)) throw new TypeError('not the fast store');
    return (this.#store = opened);
  }

  /** A client of a server with a script. */
  async client(script: Script, s3?: S3Options, options?: ScriptOptions): Promise<ObjectClient> {
    await this.serve(script, options);
    return new ObjectClient(await this.open(s3));
  }

  close(): void {
    this.#store?.close();
    this.#server?.close();
    this.#store = this.#server = undefined;
  }
}

/** The error that a promise rejects with. */
export function failure(promise: Promise<unknown>): Promise<BenchError> {
  return promise.then(
    () => {
      throw new TypeError('it did not fail');
    },
    (error: unknown) => error as BenchError,
  );
}

/** Submits one request. */
export function submit(
  to: FastS3Store,
  fill: (request: StoreRequest) => void,
): Promise<StoreRequest> {
  return new Promise((resolve) => {
    const request = new StoreRequest(resolve);
    fill(request);
    to.submit(request);
  });
}

/** An error of S3. */
export function xml(code: string, more = ''): string {
  return `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>a &amp; b</Message>${more}<RequestId>REQ1</RequestId></Error>`;
}
