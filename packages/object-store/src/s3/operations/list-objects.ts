import { BenchError } from '@sai3bench/errors';
import type { StoreRequest } from '../../store-request.ts';
import { RetryPolicy } from '../retry-policy.ts';
import { canonicalQuery } from '../sigv4/uri-encode.ts';
import { type ListPage, parseListPage } from '../xml/list-page.ts';
import { callS3 } from './call-exchange.ts';
import type { S3Context } from './s3-context.ts';

/** Attempts at a page, after the first, in a listing that is not measured. */
const PATIENT_RETRIES = 4;
const PATIENCE = new RetryPolicy(PATIENT_RETRIES);

/** LIST: ListObjectsV2, page after page. */
export async function listObjects(store: S3Context, request: StoreRequest): Promise<void> {
  const context = request.patient ? { ...store, retry: PATIENCE } : store;
  const below = context.prefix + request.key;
  let token: string | undefined;
  do {
    const query = canonicalQuery([
      ['list-type', '2'],
      ['prefix', below],
      ...(token === undefined ? [] : [['continuation-token', token] as const]),
    ]);
    const answer = await callS3(context, { method: 'GET', operation: 'LIST', query }, (waited) => {
      request.retries += waited.retries;
      // The latency begins with the first page: what later ones wait for is inside it.
      if (request.startNs > 0) return;
      request.connectNs = waited.connectNs;
      request.retryNs = waited.retryNs;
    });
    if (request.startNs === 0) request.startNs = answer.startNs;
    if (request.firstByteNs === 0) request.firstByteNs = answer.firstByteNs;
    const page = parseListPage(answer.text);
    if (page === undefined) throw unreadable(request.key, 'it is no ListBucketResult');
    for (const { key, sizeBytes } of page.objects) {
      // A server that does not know prefixes shows more.
      if (!key.startsWith(below)) continue;
      request.entries++;
      request.onEntry?.({ key: key.slice(context.prefix.length), sizeBytes });
    }
    token = nextToken(page, token, request.key);
  } while (token !== undefined);
}

function nextToken(page: ListPage, before: string | undefined, prefix: string): string | undefined {
  if (!page.truncated) return undefined;
  if (page.nextToken === undefined || page.nextToken === '')
    throw unreadable(prefix, 'it is cut off and names no next page');
  if (page.nextToken === before) throw unreadable(prefix, 'its next page is itself');
  return page.nextToken;
}

function unreadable(prefix: string, why: string): BenchError {
  return new BenchError(`LIST ${prefix} failed: the answer cannot be used: ${why}`, {
    code: 'S3_ILLEGAL_ANSWER',
    class: 'server',
    key: prefix,
    retryable: false,
  });
}
