import { afterEach, describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import { openDriver } from '../testing/driver.ts';
import { failure, S3Fixture, submit, xml } from '../testing/s3-fixture.ts';
import { answer, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.ts';
import { allocateTraffic } from '../traffic/traffic-layout.ts';
import { TrafficReader } from '../traffic/traffic-reader.ts';

const s3 = new S3Fixture();
const others: ScriptedServer[] = [];

afterEach(() => {
  s3.close();
  for (const other of others.splice(0)) other.close();
});

async function startOther(...script: Parameters<typeof startScriptedServer>) {
  const other = await startScriptedServer(...script);
  others.push(other);
  return other;
}

function regionOf(head: string): string {
  return /Credential=[^/]+\/\d+\/([^/]+)\//.exec(head)?.[1] ?? '';
}

/** Wants requests to be signed for a region, and says so as AWS does. */
function wants(region: string, status: number, text = 'content'): (head: string) => string {
  return (head) => {
    if (regionOf(head) === region) return answer(200, head.startsWith('HEAD') ? '' : text);
    const hint = `x-amz-bucket-region: ${region}\r\n`;
    if (head.startsWith('HEAD'))
      return `HTTP/1.1 ${String(status)} No\r\n${hint}Content-Length: 9\r\n\r\n`;
    return status === 400
      ? answer(400, xml('AuthorizationHeaderMalformed', `<Region>${region}</Region>`))
      : answer(status, xml('PermanentRedirect'), hint);
  };
}

describe('a region that the server names', () => {
  it.each([301, 307, 400])('is adopted with the first answer %d, and kept', async (status) => {
    const reply = wants('eu-west-3', status);
    await s3.serve(({ head }) => reply(head));
    const store = await s3.open();
    const client = new ObjectClient(store);
    expect((await client.get('a')).toString()).toBe('content');
    await client.put('b', Buffer.alloc(300_000));
    expect(await client.stat('c')).toBe(0);
    const regions = s3.server.requests.map(({ head }) => regionOf(head));
    expect(regions).toEqual(['us-east-1', 'eu-west-3', 'eu-west-3', 'eu-west-3']);
    expect(s3.server.connections).toBe(1);
  });

  it('is adopted from a HEAD, which has no body, and from a PUT, whose body is sent again', async () => {
    for (const operation of ['STAT', 'PUT'] as const) {
      const reply = wants('eu-west-3', 301, '');
      await s3.serve(({ head }) => reply(head));
      const store = await s3.open();
      const bytes = Buffer.alloc(2_000_000, 7);
      const done = await submit(store, (request) => {
        Object.assign(request, { operation, key: 'k', sizeBytes: bytes.length });
        request.payload = { chunk: (from, length) => bytes.subarray(from, from + length) };
      });
      expect(done.error).toBeUndefined();
      expect(s3.server.requests).toHaveLength(2);
      if (operation === 'PUT') expect(s3.server.requests[1]?.body.equals(bytes)).toBe(true);
      s3.close();
    }
  });

  it('is adopted by operations that were under way together', async () => {
    const reply = wants('eu-west-3', 301);
    await s3.serve(({ head }) => reply(head));
    const client = new ObjectClient(await s3.open({}, 8));
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((key) => client.get(key)));
    expect(answers.map(String)).toEqual(['content', 'content', 'content', 'content']);
    expect(s3.server.requests).toHaveLength(8);
  });

  it.each(['DELETE', 'PUT'])('is adopted by a %s of several requests', async (operation) => {
    await s3.serve(({ head }) => {
      if (regionOf(head) !== 'eu-west-3')
        return answer(301, xml('PermanentRedirect'), 'x-amz-bucket-region: eu-west-3\r\n');
      if (head.startsWith('PUT')) return answer(200, '', 'ETag: "1"\r\n');
      if (head.includes('?delete=')) return answer(200, '<DeleteResult></DeleteResult>');
      return head.includes('?uploads=')
        ? answer(
            200,
            '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>',
          )
        : answer(200, '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
    });
    const store = await s3.open({ multipart: { thresholdBytes: 4_096, partBytes: 4_096 } });
    if (operation === 'DELETE') expect(await store.deleteObjects(['a'])).toEqual(new Map());
    else await new ObjectClient(store).put('a', Buffer.alloc(8_000));
    const { requests } = s3.server;
    expect(regionOf(requests[0]?.head ?? '')).toBe('us-east-1');
    expect(new Set(requests.slice(1).map(({ head }) => regionOf(head)))).toEqual(
      new Set(['eu-west-3']),
    );
    expect(requests.map(({ head }) => head.replace(/ HTTP[^]*/, ''))).toEqual(
      operation === 'DELETE'
        ? ['POST /bucket?delete=', 'POST /bucket?delete=']
        : [
            'POST /bucket/p/a?uploads=',
            'POST /bucket/p/a?uploads=',
            'PUT /bucket/p/a?partNumber=1&uploadId=1',
            'PUT /bucket/p/a?partNumber=2&uploadId=1',
            'POST /bucket/p/a?uploadId=1',
          ],
    );
    expect(requests[0]?.body.equals(requests[1]?.body ?? Buffer.alloc(0))).toBe(true);
  });

  it('is said to be in use', async () => {
    const server = await startS3TestServer({ buckets: ['bucket'], region: 'ap-south-1' });
    const memory = allocateTraffic(1);
    const store = await openStore(`s3://${server.host}/bucket/`, {
      nowNs: () => performance.now() * 1e6,
      maxInFlight: 2,
      fileMode: 'sync',
      env: { ...server.env, AWS_REGION: 'us-east-1' },
      traffic: { memory, endpoint: 0 },
    });
    try {
      const reader = new TrafficReader(memory);
      expect(reader.takeDelta()).toMatchObject([{ region: 'us-east-1', regionAdopted: false }]);
      await new ObjectClient(store).put('key', Buffer.from('content'));
      expect(reader.takeDelta()).toMatchObject([{ region: 'ap-south-1', regionAdopted: true }]);
    } finally {
      store.close();
      await server.stop();
    }
  });

  it('is tried once where the server does not mean it, and the first answer is the error', async () => {
    await s3.serve(({ head }) => {
      const hint = regionOf(head) === 'us-east-1' ? 'eu-west-3' : 'us-east-1';
      return answer(301, xml('PermanentRedirect'), `x-amz-bucket-region: ${hint}\r\n`);
    });
    const client = new ObjectClient(await s3.open());
    for (const requests of [2, 3]) {
      const error = await failure(client.get('key'));
      expect(error).toMatchObject({ code: 'S3_PermanentRedirect', class: 'config' });
      expect(error.hint).toContain('AWS_REGION=eu-west-3');
      expect(s3.server.requests).toHaveLength(requests);
    }
  });

  it('is not adopted twice', async () => {
    let region = 'eu-west-3';
    await s3.serve(({ head }) => wants(region, 301)(head));
    const client = new ObjectClient(await s3.open());
    await client.get('key');
    region = 'eu-west-4';
    const error = await failure(client.get('key'));
    expect(error.hint).toContain('AWS_REGION=eu-west-4');
  });

  it('is no region when it could be something else', async () => {
    await s3.serve(() => answer(301, '', 'x-amz-bucket-region: a.evil.com/\r\n'));
    const client = new ObjectClient(await s3.open());
    await failure(client.get('key'));
    expect(s3.server.requests).toHaveLength(1);
  });
});

describe('a 307 with a Location', () => {
  it('is followed to another port of the host, for this request alone', async () => {
    const other = await startOther(() => answer(200, 'from there'));
    const location = `http://127.0.0.1:${String(other.port)}/bucket/p/a%20b?token=x%2Fy`;
    const client = await s3.client(({ index }) =>
      index === 0 ? answer(307, '', `Location: ${location}\r\n`) : answer(200, 'from here'),
    );
    expect((await client.get('a b')).toString()).toBe('from there');
    expect((await client.get('a b')).toString()).toBe('from here');
    expect(other.requests).toHaveLength(1);
    const [request] = other.requests;
    expect(request?.head).toContain('GET /bucket/p/a%20b?token=x%2Fy HTTP/1.1');
    expect(request?.head).toContain(`host: 127.0.0.1:${String(other.port)}`);
  });

  it('takes the part along that is asked for', async () => {
    const other = await startOther(() => answer(206, 'cde', 'Content-Range: bytes 2-4/10\r\n'));
    const location = `http://127.0.0.1:${String(other.port)}/bucket/p/k`;
    await s3.serve(() => answer(307, '', `Location: ${location}\r\n`));
    const done = await submit(await s3.open(), (request) => {
      request.key = 'k';
      request.range = { offsetBytes: 2, lengthBytes: 3 };
    });
    expect(done).toMatchObject({ error: undefined, bytes: 3 });
    expect(other.requests[0]?.head).toContain('\r\nrange: bytes=2-4');
  });

  it('takes the body along', async () => {
    const other = await startOther(() => answer(200));
    const location = `http://127.0.0.1:${String(other.port)}/bucket/p/k`;
    const client = await s3.client(() => answer(307, '', `Location: ${location}\r\n`));
    const bytes = Buffer.alloc(1_500_000, 3);
    await client.put('k', bytes);
    expect(other.requests[0]?.body.equals(bytes)).toBe(true);
  });

  it('is not followed to another host, so that no signature or token gets there', async () => {
    const other = await startOther(() => answer(200));
    const location = `http://localhost:${String(other.port)}/bucket/p/key`;
    const client = await s3.client(() => answer(307, '', `Location: ${location}\r\n`));
    const error = await failure(client.get('key'));
    expect(error.class).toBe('config');
    expect(error.hint).toContain(location);
    expect(other.connections).toBe(0);
  });

  it('is followed once', async () => {
    await s3.serve(() =>
      answer(307, '', `Location: http://127.0.0.1:${String(s3.server.port)}/bucket/p/key\r\n`),
    );
    const client = new ObjectClient(await s3.open());
    expect((await failure(client.get('key'))).class).toBe('config');
    expect(s3.server.requests).toHaveLength(2);
  });

  it('is followed to a server with signatures, to which they belong', async () => {
    const [from, to] = [
      await startS3TestServer({ buckets: ['bucket'] }),
      await startS3TestServer({ buckets: ['bucket'] }),
    ];
    from.faults.add({ fault: { kind: 'redirect', location: `${to.url}/bucket/k%2Bk` } });
    const store = await openDriver('fast', from, 'bucket/');
    try {
      await new ObjectClient(store).put('k+k', Buffer.from('content'));
      expect(to.stats().answers).toEqual({ '200': 1 });
    } finally {
      store.close();
      await Promise.all([from.stop(), to.stop()]);
    }
  });
});
