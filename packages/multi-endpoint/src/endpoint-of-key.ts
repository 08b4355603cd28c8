/**
 * The endpoint of a key, where each object is at one endpoint: the same at every agent and in every run with as many
 * endpoints. Keys that differ in their number only, as those of one agent do, spread over all endpoints.
 */
export function endpointOfKey(key: string, endpointCount: number): number {
  // FNV-1a, then the finaliser of MurmurHash3: without it the last characters hardly reach the high bits.
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return Math.floor(((hash >>> 0) / 2 ** 32) * endpointCount);
}
