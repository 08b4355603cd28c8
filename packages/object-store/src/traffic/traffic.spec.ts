import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { operationIndex } from '@sai3bench/stats';
import { TrafficCounter } from './traffic-counter.ts';
import { ADDRESS_FIELDS, ADDRESSES, allocateTraffic } from './traffic-layout.ts';
import { mergeTraffic, TrafficReader } from './traffic-reader.ts';

const SENT = ADDRESS_FIELDS.indexOf('bytesSent');
const CONNECTS = ADDRESS_FIELDS.indexOf('connects');

function add(counts: Float64Array, field: number, amount: number): void {
  counts[field] = (counts[field] ?? 0) + amount;
}

describe('traffic', () => {
  it('is told apart by endpoint and address', () => {
    const memory = allocateTraffic(3);
    const first = new TrafficCounter(memory, 0);
    const last = new TrafficCounter(memory, 2);
    add(first.addAddress('10.0.0.1'), SENT, 5);
    const second = first.addAddress('fe80:1111:2222:3333:4444:5555:6666:7777');
    add(second, SENT, 7);
    add(second, CONNECTS, 1);
    first.connected(1_000_000);
    first.reconnected();
    last.signsFor('eu-west-1', true);
    const [one, two, three] = new TrafficReader(memory).takeDelta();
    expect(one?.addresses).toMatchObject([
      { address: '10.0.0.1', bytesSent: 5, connects: 0 },
      { address: 'fe80:1111:2222:3333:4444:5555:6666:7777', bytesSent: 7, connects: 1 },
    ]);
    expect(one).toMatchObject({ reconnects: 1, region: '', regionAdopted: false });
    expect(one?.connectTimes.count).toBe(1);
    expect(two).toMatchObject({ addresses: [], reconnects: 0 });
    expect(three).toMatchObject({ region: 'eu-west-1', regionAdopted: true });
  });

  it('is told apart by operation too', () => {
    const memory = allocateTraffic(2);
    const counter = new TrafficCounter(memory, 1);
    const reader = new TrafficReader(memory);
    counter.requested(operationIndex('GET'));
    counter.sent(operationIndex('GET'), 100);
    counter.received(operationIndex('GET'), 4000);
    counter.sent(operationIndex('RMDIR'), 1);
    const first = reader.takeDelta();
    expect(first.map(({ operations }) => operations)).toEqual([
      [],
      [
        { operation: 'GET', requests: 1, bytesSent: 100, bytesReceived: 4000 },
        { operation: 'RMDIR', requests: 0, bytesSent: 1, bytesReceived: 0 },
      ],
    ]);
    counter.received(operationIndex('GET'), 5);
    const second = reader.takeDelta();
    const [, one] = first;
    const [, two] = second;
    if (one === undefined || two === undefined) throw new TypeError('two endpoints are expected');
    expect(two).toMatchObject({ region: '', regionAdopted: false });
    expect(two.operations).toEqual([
      { operation: 'GET', requests: 0, bytesSent: 0, bytesReceived: 5 },
    ]);
    expect(mergeTraffic([one, two]).operations).toMatchObject([
      { operation: 'GET', requests: 1, bytesSent: 100, bytesReceived: 4005 },
      { operation: 'RMDIR', bytesSent: 1 },
    ]);
  });

  it('is handed out in parts that add up to all of it', () => {
    const amounts = fc.array(fc.array(fc.nat(1_000_000), { maxLength: 5 }), { maxLength: 5 });
    fc.assert(
      fc.property(amounts, (parts) => {
        const memory = allocateTraffic(1);
        const counter = new TrafficCounter(memory, 0);
        const reader = new TrafficReader(memory);
        const counts = counter.addAddress('10.0.0.1');
        const deltas = parts.map((part) => {
          for (const amount of part) {
            add(counts, SENT, amount);
            add(counts, CONNECTS, 1);
            counter.connected(64 + amount);
          }
          return reader.takeDelta().slice(0, 1);
        });
        const sum = mergeTraffic(deltas.flat());
        const [whole] = new TrafficReader(memory).takeDelta();
        expect(sum.addresses).toEqual(parts.length === 0 ? [] : whole?.addresses);
        expect(sum.connectTimes.toSparse()).toEqual(whole?.connectTimes.toSparse());
      }),
    );
  });

  it('of more addresses than there is room for goes into one row', () => {
    const memory = allocateTraffic(1);
    const counter = new TrafficCounter(memory, 0);
    for (let i = 0; i < ADDRESSES + 3; i++) {
      add(counter.addAddress(`10.0.0.${String(i)}`), SENT, 1);
    }
    const [traffic] = new TrafficReader(memory).takeDelta();
    expect(traffic?.addresses).toHaveLength(ADDRESSES);
    expect(traffic?.addresses.at(-1)).toMatchObject({ address: 'others', bytesSent: 4 });
  });

  it('of several workers is one', () => {
    const of = (host: string, region: string, adopted: boolean) => {
      const memory = allocateTraffic(1);
      const counter = new TrafficCounter(memory, 0);
      add(counter.addAddress(host), SENT, 3);
      counter.signsFor(region, adopted);
      return new TrafficReader(memory).takeDelta();
    };
    const merged = mergeTraffic([
      ...of('10.0.0.1', 'eu-west-1', true),
      ...of('10.0.0.1', 'us-east-1', false),
      ...of('10.0.0.2', 'us-east-1', false),
    ]);
    expect(merged.addresses).toMatchObject([
      { address: '10.0.0.1', bytesSent: 6 },
      { address: '10.0.0.2', bytesSent: 3 },
    ]);
    expect(merged).toMatchObject({ region: 'eu-west-1', regionAdopted: true });
  });
});
