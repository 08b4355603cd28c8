import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { formatError } from '@sai3bench/errors';
import { freePort } from '@sai3bench/testing';
import { ObjectClient } from '../object-client.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore } from '../open-store.ts';

let server: Server | undefined;
let store: ObjectStore | undefined;

afterEach(() => {
  store?.close();
  server?.closeAllConnections();
  server?.close();
});

/** A client of a server that answers as told. */
async function clientOf(listener: RequestListener): Promise<ObjectClient> {
  process.env['AWS_ACCESS_KEY_ID'] = 'id';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'hunter2';
  const port = await freePort();
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
  return clientOfPort(port);
}

async function clientOfPort(port: number): Promise<ObjectClient> {
  store = await openStore(`s3://127.0.0.1:${String(port)}/bucket/`, {
    nowNs: () => performance.now() * 1e6,
    maxInFlight: 4,
    fileMode: 'sync',
    env: {},
    s3: { transport: 'sdk' },
  });
  return new ObjectClient(store);
}

function xmlError(code: string, status: number): RequestListener {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': 'REQ1' });
    response.end(`<Error><Code>${code}</Code><Message>the reason</Message></Error>`);
  };
}

describe('SdkS3Store', () => {
  it.each([
    ['NoSuchBucket', 404, 'not-found', 'create the bucket'],
    ['InvalidAccessKeyId', 403, 'auth', 'does not know this access key'],
    ['SignatureDoesNotMatch', 403, 'auth', 'the secret key is wrong'],
    ['AccessDenied', 403, 'permission', 'grant these credentials'],
    ['SlowDown', 503, 'throttled', undefined],
    ['InternalError', 500, 'server', undefined],
    ['PermanentRedirect', 301, 'config', 'set AWS_REGION'],
    ['UnheardOf', 418, 'config', undefined],
  ])('explains the answer %s (%d)', async (code, status, errorClass, hint) => {
    const client = await clientOf(xmlError(code, status));
    await expect(client.get('key')).rejects.toMatchObject({
      code: `S3_${code}`,
      class: errorClass,
      ...(hint === undefined ? {} : { hint: expect.stringContaining(hint) }),
      message: `GET bucket/key failed (${code}, HTTP ${String(status)}, request REQ1)`,
    });
  });

  it('names the address and the socket error when nobody listens', async () => {
    const port = await freePort();
    process.env['AWS_ACCESS_KEY_ID'] = 'id';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'hunter2';
    const client = await clientOfPort(port);
    const error: unknown = await client.get('key').catch((e: unknown) => e);
    expect(error).toMatchObject({
      class: 'network',
      code: 'S3_ECONNREFUSED',
      endpoint: `http://127.0.0.1:${String(port)}`,
    });
    expect(formatError(error)).toContain('ECONNREFUSED');
  });

  it('sends one request per operation: the SDK does not retry behind our back', async () => {
    let requests = 0;
    const client = await clientOf((request, response) => {
      requests++;
      xmlError('SlowDown', 503)(request, response);
    });
    await expect(client.stat('key')).rejects.toMatchObject({ class: 'throttled' });
    expect(requests).toBe(1);
  });

  it('does not take a truncated body for a success', async () => {
    const client = await clientOf((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('too short');
      setImmediate(() => response.destroy());
    });
    await expect(client.get('key')).rejects.toMatchObject({
      class: expect.stringMatching(/network|integrity/),
    });
  });

  it('cancels what is under way', async () => {
    let arrived: () => void = () => undefined;
    const underWay = new Promise<void>((resolve) => (arrived = resolve));
    const client = await clientOf(() => {
      arrived();
    });
    const hanging = client.get('key').catch((error: unknown) => error);
    await underWay;
    store?.cancelAll();
    expect(await hanging).toMatchObject({ class: 'cancelled', code: 'CANCELLED' });
  });

  it('follows the pages of a listing', async () => {
    const client = await clientOf((request, response) => {
      const second = request.url?.includes('continuation-token=next') === true;
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(
        `<ListBucketResult><IsTruncated>${String(!second)}</IsTruncated>` +
          `<NextContinuationToken>next</NextContinuationToken>` +
          `<Contents><Key>${second ? 'b' : 'a'}</Key><Size>1</Size></Contents></ListBucketResult>`,
      );
    });
    const keys: string[] = [];
    expect(await client.list('', ({ key }) => keys.push(key))).toBe(2);
    expect(keys).toEqual(['a', 'b']);
    // This server does not know prefixes.
    expect(await client.list('b', () => undefined)).toBe(1);
  });

  it('refuses directories', async () => {
    const client = await clientOf(xmlError('x', 500));
    await expect(client.makeDirectory('a')).rejects.toMatchObject({ code: 'S3_NO_DIRECTORIES' });
  });

  it('never prints the secret key', async () => {
    const client = await clientOf(xmlError('SignatureDoesNotMatch', 403));
    const error: unknown = await client.get('key').catch((e: unknown) => e);
    expect(formatError(error)).not.toContain('hunter2');
  });
});
