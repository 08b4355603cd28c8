/**
 * The shard of a number as the beginning of a key: `2a/`, in as many hex digits as it takes, at least two; empty
 * when there are no shards.
 *
 * @param shards how many there are; 0 for none
 */
export function shardOf(index: number, shards: number): string {
  return shards === 0 ? '' : `${(index % shards).toString(16).padStart(2, '0')}/`;
}
