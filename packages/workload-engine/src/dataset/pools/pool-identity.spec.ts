import { describe, expect, it } from '@jest/globals';
import { planOf } from '../../testing/run-plan.ts';
import { poolIdentity } from './pool-identity.ts';

const A = '{base_uri: a/, count: 10, size_spec: 4KiB}';
const B = '{base_uri: b/, count: 10, size_spec: 4KiB}';

/** The identities of the sets of a file, in their order. */
function identitiesOf(target: string, ...sets: string[]): string[] {
  const { pools } = planOf(`target: ${target}\nprepare: {ensure_objects: [${sets.join(', ')}]}`);
  return pools.map((pool) => poolIdentity(pool));
}

describe('poolIdentity()', () => {
  const [a, b] = identitiesOf('s3://bucket/x/', A, B);

  it('is the same whatever other sets there are, in any order', () => {
    expect(a).not.toBe(b);
    expect(identitiesOf('s3://bucket/x/', B, A)).toEqual([b, a]);
    expect(identitiesOf('s3://bucket/x/', A)).toEqual([a]);
    expect(identitiesOf('s3://bucket/x/', A, B.replace('4KiB', '8KiB'))[0]).toBe(a);
  });

  it('is the same on another host, and for another number of objects', () => {
    expect(identitiesOf('s3://10.0.0.1:9000/bucket/x/', A, B)).toEqual([a, b]);
    expect(identitiesOf('s3://bucket/x/', A.replace('10', '20'))).toEqual([a]);
  });

  it('is another for objects of another size or name, or somewhere else', () => {
    const others = [
      A.replace('4KiB', '8KiB'),
      A.replace('a/', 'c/'),
      A.replace('4KiB', '4KiB, dedup_factor: 2'),
    ].flatMap((set) => identitiesOf('s3://bucket/x/', set));
    expect(new Set([a, ...others, ...identitiesOf('s3://bucket/y/', A)]).size).toBe(5);
  });
});
