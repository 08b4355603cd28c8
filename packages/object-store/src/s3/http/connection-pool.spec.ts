import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TrafficCounter } from '../../traffic/traffic-counter.ts';
import { allocateTraffic } from '../../traffic/traffic-layout.ts';
import { AddressList } from './address-list.ts';
import { ConnectionPool } from './connection-pool.ts';
import { TimerWheel } from './timer-wheel.ts';

const [ONE, TWO] = ['127.0.0.1', '127.0.0.2'] as const;

let server: Server;
let leadsTo: readonly string[];
let addresses: AddressList;
let pool: ConnectionPool;

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, ONE, resolve));
  const traffic = new TrafficCounter(allocateTraffic(1), 0);
  addresses = new AddressList('s3.example', traffic, () => Promise.resolve(leadsTo));
  pool = new ConnectionPool(
    {
      ...{ host: 's3.example', port: (server.address() as AddressInfo).port, tls: undefined },
      ...{ maxConnections: 8, keepAlive: true, localAddress: undefined },
      ...{ connectTimeoutMs: 10_000, idleTimeoutMs: 10_000, totalTimeoutMs: 10_000 },
      nowNs: () => 0,
      traffic,
    },
    addresses,
    new TimerWheel(),
  );
});

afterEach(() => {
  pool.close();
  server.close();
});

describe('ConnectionPool.warmUp()', () => {
  it('ends although some of its connections are given up for another address as soon as they are there', async () => {
    leadsTo = [ONE];
    await addresses.refresh();
    const warm = pool.warmUp(4);
    leadsTo = [ONE, TWO];
    await addresses.refresh();
    pool.rebalance();
    expect(await warm).toBeUndefined();
    expect(addresses.all().map(({ host, open }) => [host, open])).toEqual([
      [ONE, 2],
      [TWO, 0],
    ]);
  });

  it('makes all of them although an address refuses', async () => {
    leadsTo = [ONE, TWO];
    await addresses.refresh();
    expect(await pool.warmUp(4)).toBeUndefined();
    expect(addresses.all().map(({ host, open }) => [host, open])).toEqual([
      [ONE, 4],
      [TWO, 0],
    ]);
  });

  it('says what went wrong when a connection cannot be made', async () => {
    leadsTo = [TWO];
    await addresses.refresh();
    expect(await pool.warmUp(2)).toMatchObject({ kind: 'connect', address: TWO });
  });

  it('says so when the name leads nowhere', async () => {
    expect(await pool.warmUp(2)).toMatchObject({ kind: 'connect', detail: 'no address' });
  });
});
