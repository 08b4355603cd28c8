import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { ObjectClient } from '../object-client.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore } from '../open-store.ts';
import type { TlsSettings } from './http/tls-options.ts';

const directory = temporaryDirectory();
let server: Server;
let store: ObjectStore | undefined;
let certificate: Buffer;
let privateKey: Buffer;

beforeAll(async () => {
  const [key, cert] = [join(directory.path, 'key.pem'), join(directory.path, 'cert.pem')];
  const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=DNS:s3.test'];
  const options = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  execFileSync('openssl', ['req', ...options, ...names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  certificate = readFileSync(cert);
  privateKey = readFileSync(key);
  server = createServer({ key: privateKey, cert: certificate }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () =>
      response.end(request.method === 'PUT' ? '' : Buffer.alloc(2_000_000, 'x')),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => store?.close());

afterAll(() => {
  server.closeAllConnections();
  server.close();
  directory.remove();
});

async function clientWith(
  tls: TlsSettings,
  port = (server.address() as AddressInfo).port,
): Promise<ObjectClient> {
  store = await openStore(`s3+https://127.0.0.1:${String(port)}/bucket/`, {
    nowNs: () => performance.now() * 1e6,
    maxInFlight: 2,
    fileMode: 'sync',
    env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' },
    s3: { tls },
  });
  return new ObjectClient(store);
}

describe('FastS3Store over https', () => {
  it('moves objects in both directions', async () => {
    const client = await clientWith({
      ca: certificate,
      servername: 's3.test',
      minVersion: 'TLSv1.3',
    });
    await store?.warmUp?.(2);
    await client.put('large', Buffer.alloc(3_000_000, 'y'));
    await client.put('small', Buffer.from('y'));
    expect((await client.get('large')).equals(Buffer.alloc(2_000_000, 'x'))).toBe(true);
  });

  it('does not check who the server is when told so', async () => {
    const client = await clientWith({ insecure: true });
    expect(await client.get('a')).toHaveLength(2_000_000);
  });

  it('shows its certificate to a server that asks for one', async () => {
    const asking = createServer(
      { key: privateKey, cert: certificate, requestCert: true, ca: certificate },
      (request, response) => {
        response.end(
          request.socket instanceof TLSSocket && request.socket.getPeerCertificate().subject.CN,
        );
      },
    );
    await new Promise<void>((resolve) => asking.listen(0, '127.0.0.1', resolve));
    const { port } = asking.address() as AddressInfo;
    const trusting = { ca: certificate, servername: 's3.test' };
    try {
      const own = { cert: certificate, key: privateKey };
      const client = await clientWith({ ...trusting, ...own }, port);
      expect((await client.get('a')).toString()).toBe('test');
      store?.close();
      const nobody = await clientWith(trusting, port);
      await expect(nobody.get('a')).rejects.toMatchObject({ class: 'config' });
    } finally {
      asking.closeAllConnections();
      asking.close();
    }
  });

  it.each([
    [
      'an unknown authority',
      (): TlsSettings => ({ servername: 's3.test' }),
      'S3_DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
    ['a wrong name', (): TlsSettings => ({ ca: certificate }), 'S3_ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('refuses %s', async (_, settings, code) => {
    const client = await clientWith(settings());
    await expect(client.get('a')).rejects.toMatchObject({
      class: 'config',
      code,
      hint: expect.stringContaining('tls.ca'),
    });
  });
});
