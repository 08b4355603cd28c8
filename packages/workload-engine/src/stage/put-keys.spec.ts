import { describe, expect, it } from '@jest/globals';
import { PutKeys } from './put-keys.ts';

describe('PutKeys', () => {
  it.each([
    [0, 'new/obj_a-300'],
    [256, 'new/2c/obj_a-300'],
    [1, 'new/00/obj_a-300'],
  ])('over %i shards are %s', (shards, key) => {
    expect(new PutKeys({ prefix: 'new/', shards }, 'obj_a-').keyOf(300)).toBe(key);
  });
});
