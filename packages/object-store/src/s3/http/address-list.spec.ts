import { describe, expect, it } from '@jest/globals';
import { TrafficCounter } from '../../traffic/traffic-counter.ts';
import { allocateTraffic } from '../../traffic/traffic-layout.ts';
import { AddressList } from './address-list.ts';

const traffic = new TrafficCounter(allocateTraffic(1), 0);

describe('AddressList', () => {
  it('spreads connections over all addresses of a name', async () => {
    const list = new AddressList('s3.example', traffic, () =>
      Promise.resolve(['10.0.0.1', '10.0.0.2', '10.0.0.3']),
    );
    expect(list.ready).toBe(false);
    await list.refresh();
    for (let i = 0; i < 30; i++) {
      const address = list.pick();
      if (address !== undefined) address.open++;
    }
    expect(list.all().map(({ open }) => open)).toEqual([10, 10, 10]);
  });

  it('goes elsewhere while an address is broken, but not when all are', async () => {
    const list = new AddressList('s3.example', traffic, () =>
      Promise.resolve(['10.0.0.1', '10.0.0.2']),
    );
    await list.refresh();
    const [first, second] = list.all();
    if (first === undefined || second === undefined) throw new TypeError('two are expected');
    first.broken = true;
    for (let i = 0; i < 4; i++) expect(list.pick()).toBe(second);
    second.broken = true;
    expect(list.pick()).toBeDefined();
    first.broken = false;
    second.open = 0;
    expect(list.pick()).toBe(first);
  });

  it('retires addresses that the name no longer leads to, and keeps what was counted', async () => {
    let hosts = ['10.0.0.1', '10.0.0.2'];
    const list = new AddressList('s3.example', traffic, () => Promise.resolve(hosts));
    expect(await list.refresh()).toBe(true);
    expect(await list.refresh()).toBe(false);
    hosts = ['10.0.0.2', '10.0.0.3'];
    expect(await list.refresh()).toBe(true);
    expect(list.all().map(({ host, retired }) => [host, retired])).toEqual([
      ['10.0.0.1', true],
      ['10.0.0.2', false],
      ['10.0.0.3', false],
    ]);
  });

  it('needs nobody to resolve an IP address', async () => {
    const list = new AddressList('[::1]', traffic, () => Promise.reject(new TypeError('asked')));
    expect(list.ready).toBe(true);
    expect(list.pick()?.host).toBe('::1');
    expect(await list.refresh()).toBe(false);
  });
});
