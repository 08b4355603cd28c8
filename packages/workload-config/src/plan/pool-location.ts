import { deriveSeed, seedOf, seedToBigInt } from '@sai3bench/datagen';
import { parseStoreUri } from '@sai3bench/store-uri';
import type { StorePlan } from './agent-plan.ts';

/**
 * Where the objects below a path of a store are, whoever shows them: the same for any host, for one endpoint or several, and for
 * an address that is split otherwise. Where each object is at one endpoint, all of them together are the place.
 */
export function locationOf({ endpoints, namespace }: StorePlan, path: string): string[] {
  const locations = endpoints.map((endpoint) => `${placeOf(endpoint)}${path}`);
  // Several mounts of one file system have several paths: whichever is named first.
  return namespace === 'separate' ? locations : locations.toSorted().slice(0, 1);
}

/** The seed of the sizes and contents of the objects at a location, a 64-bit number in decimal. */
export function seedAt(dataSeed: string, location: readonly string[], name: string): string {
  const seed = deriveSeed(seedOf(BigInt(dataSeed)), JSON.stringify([location, name]));
  return seedToBigInt(seed).toString();
}

function placeOf(address: string): string {
  const uri = parseStoreUri(address);
  switch (uri.scheme) {
    case 's3':
      return `s3:${uri.bucket}/${uri.prefix}`;
    case 'file':
    case 'direct':
      return `file:${uri.path}`;
    case 'null':
      return 'null:';
  }
}
