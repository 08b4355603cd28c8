import { expect, it } from '@jest/globals';
import { durabilityOf } from './durability.ts';
import { parseStoreUri } from './store-uri.ts';

it.each([
  ['s3://bucket/', 'server', 'server'],
  ['file:///x/', 'page_cache', 'fsync'],
  ['direct:///x/', 'o_direct', 'o_direct_fsync'],
  ['null:', 'none', 'none'],
])('a PUT to %s is as durable as %s, with fsync %s', (address, without, flushed) => {
  const uri = parseStoreUri(address);
  expect(durabilityOf(uri, false)).toBe(without);
  expect(durabilityOf(uri, true)).toBe(flushed);
});
