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

  it('keeps addresses that are not named every time, and connects to those first that are', async () => {
    const answers = [
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.3', '10.0.0.4'],
      ['10.0.0.2', '10.0.0.1'],
      ['10.0.0.4', '10.0.0.3'],
    ];
    let asked = 0;
    const list = new AddressList('s3.example', traffic, () =>
      Promise.resolve(answers[asked++ % answers.length] ?? []),
    );
    const changes: boolean[] = [];
    for (let time = 0; time < 40; time++) {
      changes.push(await list.refresh());
      for (let connection = 0; connection < 2; connection++) {
        const address = list.pick();
        expect(address?.absences).toBe(0);
        if (address?.open === 0) address.open++;
      }
    }
    expect(changes.filter(Boolean)).toHaveLength(2);
    expect(list.current.map(({ open, retired }) => [open, retired])).toEqual(
      Array.from({ length: 4 }, () => [1, false]),
    );
  });

  it('retires addresses that the name has not led to for long, and keeps what was counted', async () => {
    let hosts = ['10.0.0.1', '10.0.0.2'];
    const list = new AddressList('s3.example', traffic, () => Promise.resolve(hosts));
    expect(await list.refresh()).toBe(true);
    expect(await list.refresh()).toBe(false);
    hosts = ['10.0.0.2'];
    for (let time = 1; time < 10; time++) expect(await list.refresh()).toBe(false);
    expect(list.current).toHaveLength(2);
    expect(await list.refresh()).toBe(true);
    expect(list.current.map(({ host }) => host)).toEqual(['10.0.0.2']);
    expect(list.all().map(({ host, retired }) => [host, retired])).toEqual([
      ['10.0.0.1', true],
      ['10.0.0.2', false],
    ]);
    hosts = ['10.0.0.1', '10.0.0.2'];
    expect(await list.refresh()).toBe(true);
    expect(list.current).toHaveLength(2);
  });

  it('retires an address at once that is not named and refuses', async () => {
    let hosts = ['10.0.0.1', '10.0.0.2'];
    const list = new AddressList('s3.example', traffic, () => Promise.resolve(hosts));
    await list.refresh();
    const [first] = list.all();
    if (first === undefined) throw new TypeError('one is expected');
    first.broken = true;
    expect(first.retired).toBe(false);
    hosts = ['10.0.0.2'];
    await list.refresh();
    expect([first.retired, list.current.length]).toEqual([true, 1]);
  });

  it('needs nobody to resolve an IP address', async () => {
    const list = new AddressList('[::1]', traffic, () => Promise.reject(new TypeError('asked')));
    expect(list.ready).toBe(true);
    expect(list.pick()?.host).toBe('::1');
    expect(await list.refresh()).toBe(false);
  });
});
