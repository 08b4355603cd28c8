import { hash } from 'node:crypto';
import { BenchError } from '@sai3bench/errors';
import { cancelledError } from '../../cancelled-error.ts';
import { answerError } from '../answer-error.ts';
import { elementContents, elementText, encodeXml } from '../xml/xml-text.ts';
import { callS3, type Waited } from './call-exchange.ts';
import type { S3Context } from './s3-context.ts';

/** As many keys as S3 takes in one DeleteObjects. */
export const MAX_DELETE_KEYS = 1_000;

/** How single deletes share the work where the server has no DeleteObjects. */
export const PARALLEL_DELETES = 16;

/** Batches that are deleted one by one before a server that seems not to know DeleteObjects is asked again: at most. */
const LONGEST_DISTRUST = 62;

/** Keys that were not deleted, and why. */
export type DeleteFailures = ReadonlyMap<string, BenchError>;

/** One request of several that together delete objects. */
export interface DeleteRequest extends Waited {
  /** What it was to delete. */
  readonly keys: readonly string[];
  readonly endNs: number;
}

/** Deletes many objects with few requests, or one by one where the server does not know DeleteObjects. */
export class ObjectsDeleter {
  readonly #context: S3Context;
  /** Whether the server knows DeleteObjects: false once it has said that it does not. */
  #batches = true;
  /** DeleteObjects in a row that were answered in a way that may mean that, or a trouble that passes. */
  #doubts = 0;
  /** Batches that are deleted one by one because of that. */
  #distrusted = 0;

  constructor(context: S3Context) {
    this.#context = context;
  }

  /**
   * @param onRequest told of each request, when it has ended
   * @returns what could not be deleted; a key that is not there counts as deleted. What was not begun because of a
   *   cancellation has an error of class `cancelled`
   */
  async delete(
    keys: readonly string[],
    onRequest?: (request: DeleteRequest) => void,
  ): Promise<DeleteFailures> {
    const failures = new Map<string, BenchError>();
    for (let from = 0; from < keys.length; from += MAX_DELETE_KEYS) {
      const batch = keys.slice(from, from + MAX_DELETE_KEYS);
      if (this.#trusts() && (await this.#deleteBatch(batch, failures, onRequest))) continue;
      if (await this.#deleteSingly(batch, failures, onRequest)) continue;
      for (const key of keys.slice(from + MAX_DELETE_KEYS)) this.#leave(key, failures);
      break;
    }
    return failures;
  }

  /** Whether the next batch goes out as one. */
  #trusts(): boolean {
    if (this.#distrusted === 0) return this.#batches;
    this.#distrusted--;
    return false;
  }

  /** False when the server does not know DeleteObjects, or may not. */
  async #deleteBatch(
    keys: readonly string[],
    failures: Map<string, BenchError>,
    onRequest: ((request: DeleteRequest) => void) | undefined,
  ): Promise<boolean> {
    const objects = keys
      .map((key) => `<Object><Key>${encodeXml(this.#context.prefix + key)}</Key></Object>`)
      .join('');
    try {
      const text = await postDeletions(this.#context, objects, (waited) =>
        onRequest?.({ ...waited, keys, endNs: this.#context.nowNs() }),
      );
      this.#doubts = 0;
      for (const { error, key } of deletionErrors(this.#context, text, new Set(keys)))
        failures.set(key, error);
      return true;
    } catch (error) {
      if (!isUnknownOperation(error)) throw error;
      if (isDoubtful(error)) this.#distrusted = Math.min(2 ** ++this.#doubts - 2, LONGEST_DISTRUST);
      else this.#batches = false;
      return false;
    }
  }

  /** False when it was cancelled. */
  async #deleteSingly(
    keys: readonly string[],
    failures: Map<string, BenchError>,
    onRequest: ((request: DeleteRequest) => void) | undefined,
  ): Promise<boolean> {
    let next = 0;
    let cancelled = false;
    const work = async (): Promise<void> => {
      for (let key = keys[next++]; key !== undefined; key = keys[next++]) {
        if (cancelled) {
          this.#leave(key, failures);
          continue;
        }
        const only = [key];
        try {
          await callS3(this.#context, { method: 'DELETE', operation: 'DELETE', key }, (waited) =>
            onRequest?.({ ...waited, keys: only, endNs: this.#context.nowNs() }),
          );
        } catch (error) {
          const reason = BenchError.from(error);
          cancelled ||= reason.class === 'cancelled';
          if (!isMissingObject(reason)) failures.set(key, reason);
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_DELETES }, work));
    return !cancelled;
  }

  /** Notes that a key was not tried, because of a cancellation. */
  #leave(key: string, failures: Map<string, BenchError>): void {
    failures.set(key, cancelledError('DELETE', this.#context.prefix + key));
  }
}

/**
 * Sends DeleteObjects.
 *
 * @param objects its `Object` elements
 * @returns the answer, which is no more than that yet: see {@link deletionErrors}
 */
export async function postDeletions(
  context: S3Context,
  objects: string,
  onWaited?: (waited: Waited) => void,
): Promise<string> {
  const document = Buffer.from(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects}</Delete>`,
  );
  const call = {
    method: 'POST',
    operation: 'DELETE',
    query: 'delete=',
    // S3 wants a checksum here, and every server knows this one.
    headers: [
      ['content-md5', hash('md5', document, 'base64')],
      ['content-type', 'application/xml'],
    ],
    document,
  } as const;
  return (await callS3(context, call, onWaited)).text;
}

/** An object that DeleteObjects has not deleted. */
interface DeletionError {
  /** Relative to the store. */
  readonly key: string;
  readonly versionId: string | undefined;
  readonly error: BenchError;
}

/**
 * What an answer to DeleteObjects, whose status says yes, says of single objects. An answer that is something else
 * says nothing of them: then it is not known whether they are gone.
 *
 * @param keys that were to be deleted
 * @throws BenchError of the answer as a whole
 */
export function deletionErrors(
  context: S3Context,
  text: string,
  keys: ReadonlySet<string>,
): DeletionError[] {
  const { bucket, endpoint, prefix } = context;
  const [result, ...more] = elementContents(text, 'DeleteResult');
  if (result === undefined || more.length > 0) {
    const whole = { bucket, endpoint, key: '' };
    if (elementText(text, 'Error') !== undefined)
      throw answerError('DELETE', whole, { status: 200, head: '', body: text });
    throw illegal(context, 'it is no DeleteResult');
  }
  return elementContents(result, 'Error').flatMap((content) => {
    const full = elementText(content, 'Key') ?? '';
    const key = full.slice(prefix.length);
    if (!full.startsWith(prefix) || !keys.has(key))
      throw illegal(context, `it has an error of "${full}", which was not to be deleted`);
    const answer = { status: 200, head: '', body: `<Error>${content}</Error>` };
    const error = answerError('DELETE', { bucket, endpoint, key: full }, answer);
    const versionId = elementText(content, 'VersionId');
    return isMissingObject(error) ? [] : [{ key, versionId, error }];
  });
}

function illegal({ bucket, endpoint, prefix }: S3Context, why: string): BenchError {
  return new BenchError(`DELETE in ${bucket}/${prefix} failed: the answer cannot be used: ${why}`, {
    code: 'S3_ILLEGAL_ANSWER',
    class: 'server',
    endpoint,
    hint: 'check that this address is that of an S3 server, and not of something in between',
  });
}

/** Whether an error says that there is no such object, which is what a deletion is for. */
export function isMissingObject(error: BenchError): boolean {
  return error.class === 'not-found' && error.code !== 'S3_NoSuchBucket';
}

/** How servers say that they do not know DeleteObjects: s3rver answers 500, others 400, 405 or 501, perhaps without XML. */
export function isUnknownOperation(error: unknown): boolean {
  if (!BenchError.is(error)) return false;
  const known = /^S3_(NotImplemented|MethodNotAllowed|InvalidRequest|MalformedXML)$/;
  return isDoubtful(error) || known.test(error.code) || [405, 501].includes(statusOf(error));
}

/** Whether an error is also what a server that knows DeleteObjects answers when something goes wrong for a moment. */
function isDoubtful(error: unknown): boolean {
  return BenchError.is(error) && error.code === 'S3_InternalError';
}

/** HTTP status of the answer that an error is about; 0 when there was none. */
function statusOf({ cause }: BenchError): number {
  const { $metadata } = (cause ?? {}) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}
