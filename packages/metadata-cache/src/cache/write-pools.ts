import type { CacheDatabase } from './cache-database.ts';
import type { PoolWriter } from './pool-writer.ts';

/** Bytes of one transaction: the write-ahead log takes as much room again, until its content is in its place. */
const TRANSACTION_SHARE = 1 / 12;
const SMALLEST_TRANSACTION_BYTES = 1024 * 1024;
const LARGEST_TRANSACTION_BYTES = 8 * 1024 * 1024;
const PACKED_BYTES_PER_OBJECT = 3 / 8;

/**
 * Writes what has changed in pools, safe on the disk, in as many transactions as it takes. What fails is undone from the
 * last of them on.
 *
 * @param onCommitted told after each transaction, before it is synced
 * @returns bytes written; 0 also when nothing has changed
 */
export async function writePools(
  database: CacheDatabase,
  writers: readonly PoolWriter[],
  sequence: number,
  onCommitted: (sequence: number) => void,
): Promise<number> {
  const limitBytes = transactionBytes(writers);
  const commit = async (): Promise<void> => {
    database.sequence = sequence;
    database.commit();
    onCommitted(sequence);
    await database.sync();
  };
  let writtenBytes = 0;
  let openBytes = 0;
  let steps = 0;
  try {
    database.begin();
    for (const writer of writers) {
      for (const bytes of writer.write(sequence)) {
        steps++;
        writtenBytes += bytes;
        openBytes += bytes;
        if (openBytes < limitBytes) continue;
        await commit();
        database.begin();
        openBytes = 0;
      }
    }
    const changed = writers.filter((writer) => writer.finish(sequence)).length > 0;
    if (!changed && steps === 0) {
      database.rollback();
      return writtenBytes;
    }
    await commit();
  } catch (error) {
    database.rollback();
    for (const writer of writers) writer.undone();
    throw error;
  }
  for (const writer of writers) writer.committed();
  return writtenBytes;
}

function transactionBytes(writers: readonly PoolWriter[]): number {
  const objects = writers.reduce((sum, { known }) => sum + known.end - known.begin, 0);
  return Math.min(
    Math.max(objects * PACKED_BYTES_PER_OBJECT * TRANSACTION_SHARE, SMALLEST_TRANSACTION_BYTES),
    LARGEST_TRANSACTION_BYTES,
  );
}
