import { hash } from 'node:crypto';
import { BenchError } from '@sai3bench/errors';
import { answerError } from '../answer-error.ts';
import { elementContents, elementText, encodeXml } from '../xml/xml-text.ts';
import { callS3 } from './call-exchange.ts';
import type { S3Context } from './s3-context.ts';

/** As many keys as S3 takes in one DeleteObjects. */
export const MAX_DELETE_KEYS = 1_000;

/** How single deletes share the work where the server has no DeleteObjects. */
const PARALLEL_DELETES = 16;

/** Keys that were not deleted, and why. */
export type DeleteFailures = ReadonlyMap<string, BenchError>;

/** Deletes many objects with few requests, or one by one where the server does not know DeleteObjects. */
export class ObjectsDeleter {
  readonly #context: S3Context;
  /** Whether the server knows DeleteObjects, as far as that was seen. */
  #batches = true;

  constructor(context: S3Context) {
    this.#context = context;
  }

  /** @returns what could not be deleted; a key that is not there counts as deleted */
  async delete(keys: readonly string[]): Promise<DeleteFailures> {
    const failures = new Map<string, BenchError>();
    for (let from = 0; from < keys.length; from += MAX_DELETE_KEYS) {
      const batch = keys.slice(from, from + MAX_DELETE_KEYS);
      if (!this.#batches || !(await this.#deleteBatch(batch, failures)))
        await this.#deleteSingly(batch, failures);
    }
    return failures;
  }

  /** False when the server does not know DeleteObjects. */
  async #deleteBatch(keys: readonly string[], failures: Map<string, BenchError>): Promise<boolean> {
    const { prefix } = this.#context;
    const objects = keys
      .map((key) => `<Object><Key>${encodeXml(prefix + key)}</Key></Object>`)
      .join('');
    const xml = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects}</Delete>`;
    const document = Buffer.from(xml);
    let text: string;
    try {
      const answer = await callS3(this.#context, {
        method: 'POST',
        operation: 'DELETE',
        query: 'delete=',
        // S3 wants a checksum here, and every server knows this one.
        headers: [
          ['content-md5', hash('md5', document, 'base64')],
          ['content-type', 'application/xml'],
        ],
        document,
      });
      text = answer.text;
    } catch (error) {
      if (!isUnknownOperation(error)) throw error;
      this.#batches = false;
      return false;
    }
    for (const content of elementContents(text, 'Error')) {
      const key = elementText(content, 'Key')?.slice(prefix.length) ?? '';
      failures.set(key, this.#keyError(key, content));
    }
    return true;
  }

  #keyError(key: string, content: string): BenchError {
    const { bucket, endpoint, prefix } = this.#context;
    const place = { bucket, endpoint, key: prefix + key };
    return answerError('DELETE', place, {
      status: 200,
      head: '',
      body: `<Error>${content}</Error>`,
    });
  }

  async #deleteSingly(keys: readonly string[], failures: Map<string, BenchError>): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      for (let key = keys[next++]; key !== undefined; key = keys[next++]) {
        try {
          await callS3(this.#context, { method: 'DELETE', operation: 'DELETE', key });
        } catch (error) {
          const reason = BenchError.from(error);
          if (reason.class !== 'not-found') failures.set(key, reason);
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_DELETES }, work));
  }
}

/** How servers say that they do not know DeleteObjects: s3rver answers 500, others 400, 405 or 501, perhaps without XML. */
function isUnknownOperation(error: unknown): boolean {
  if (!BenchError.is(error)) return false;
  const known =
    /^S3_(NotImplemented|MethodNotAllowed|InternalError|InvalidRequest|MalformedXML|FAILED)$/;
  return known.test(error.code) || [405, 501].includes(statusOf(error));
}

/** HTTP status of the answer that an error is about; 0 when there was none. */
function statusOf({ cause }: BenchError): number {
  const { $metadata } = (cause ?? {}) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}
