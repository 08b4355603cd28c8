import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expandAddresses, isLoopbackAddress, withPort } from './address-list.ts';

const files: Readonly<Record<string, string>> = {
  'hosts.txt': '# our agents\n10.0.0.1:7761\n\n  10.0.0.2  # no port\nnode[3-4]:1\n',
};
const readFile = (path: string): string => {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
};
const expand = (list: string): string[] => expandAddresses(list, readFile);

describe('expandAddresses()', () => {
  it.each([
    ['127.0.0.1:7761,127.0.0.1:7762', ['127.0.0.1:7761', '127.0.0.1:7762']],
    ['a, b:1 ,c', ['a:7167', 'b:1', 'c:7167']],
    ['node[01-03]:7167', ['node01:7167', 'node02:7167', 'node03:7167']],
    ['n[1,3-4]', ['n1:7167', 'n3:7167', 'n4:7167']],
    ['r[1-2]n[1-2]:5', ['r1n1:5', 'r1n2:5', 'r2n1:5', 'r2n2:5']],
    ['n[9-11]', ['n9:7167', 'n10:7167', 'n11:7167']],
    ['[::1]:7761', ['[::1]:7761']],
    ['@hosts.txt', ['10.0.0.1:7761', '10.0.0.2:7167', 'node3:1', 'node4:1']],
    ['x:1,@hosts.txt', ['x:1', '10.0.0.1:7761', '10.0.0.2:7167', 'node3:1', 'node4:1']],
  ])('expands %s', (list, addresses) => {
    expect(expand(list)).toEqual(addresses);
  });

  it.each([
    ['', 'names no agent'],
    [' , ', 'names no agent'],
    ['a:1,a:1', 'agent a:1 is named twice'],
    ['a,a:7167', 'agent a:7167 is named twice'],
    ['n[1-3],n2', 'agent n2:7167 is named twice'],
    ['n[3-1]', 'counts wrongly'],
    ['n[1-99999999]', 'counts wrongly'],
    ['a:0', 'is not the address of an agent'],
    ['a:70000', 'is not the address of an agent'],
    ['http://a:1', 'is not the address of an agent'],
    ['a b', 'is not the address of an agent'],
    ['@missing.txt', 'cannot read the list of agents missing.txt'],
  ])('refuses %j', (list, why) => {
    expect(() => expand(list)).toThrow(
      expect.objectContaining({ code: 'AGENT_LIST', message: expect.stringContaining(why) }),
    );
  });

  it('names every host of a range exactly once', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(300), (first, more) => {
        const addresses = expand(`n[${String(first)}-${String(first + more)}]`);
        expect(new Set(addresses).size).toBe(more + 1);
      }),
    );
  });
});

describe('addresses', () => {
  it('get the default port when they have none', () => {
    expect(withPort('host')).toBe('host:7167');
  });

  it.each([
    ['127.0.0.1:7167', true],
    ['127.3.2.1', true],
    ['localhost:1', true],
    ['[::1]:7167', true],
    ['10.0.0.1:7167', false],
    ['127.example.com', false],
    ['localhost.example.com:1', false],
  ])('%s is of this host alone: %s', (address, loopback) => {
    expect(isLoopbackAddress(address)).toBe(loopback);
  });
});
