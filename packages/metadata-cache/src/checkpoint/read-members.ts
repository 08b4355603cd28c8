import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { BenchError, systemCode } from '@sai3bench/errors';
import { type CheckpointErrorCode, checkpointError } from './checkpoint-errors.ts';
import { decodeTarHeader, TAR_BLOCK_BYTES, tarPaddingBytes } from './ustar.ts';

/** No member of ours is larger. */
const LARGEST_MEMBER_BYTES = 16 * 1024 * 1024;

/** A file of an archive with its content. */
export interface ReadMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a `.tar.zst` file member by member. Throws `CHECKPOINT_TRUNCATED`, `CHECKPOINT_FOREIGN`,
 * `CHECKPOINT_DAMAGED` or `CHECKPOINT_UNREADABLE`.
 */
export async function* readMembers(path: string): AsyncGenerator<ReadMember> {
  const decompressed = createZstdDecompress();
  // What fails reaches the loop below through the stream, which is also where it is left early.
  pipeline(createReadStream(path), decompressed).catch(() => undefined);
  const pending = new PendingBytes();
  let header: { name: string; sizeBytes: number } | undefined;
  let hasEnded = false;
  try {
    for await (const chunk of decompressed) {
      pending.add(chunk as Buffer);
      for (;;) {
        if (hasEnded) break;
        if (header === undefined) {
          const block = pending.take(TAR_BLOCK_BYTES);
          if (block === undefined) break;
          hasEnded = block.every((byte) => byte === 0);
          if (hasEnded) break;
          header = decodeTarHeader(block);
          if (header === undefined || header.sizeBytes > LARGEST_MEMBER_BYTES) {
            throw checkpointError('CHECKPOINT_FOREIGN', path, 'it has a member that is not ours');
          }
        }
        const padded = header.sizeBytes + tarPaddingBytes(header.sizeBytes);
        const bytes = pending.take(padded);
        if (bytes === undefined) break;
        yield { name: header.name, bytes: bytes.subarray(0, header.sizeBytes) };
        header = undefined;
      }
    }
  } catch (error) {
    throw toCheckpointError(error, path);
  }
  if (!hasEnded) throw checkpointError('CHECKPOINT_TRUNCATED', path, 'it ends early');
}

/** Bytes that have arrived and were not taken yet. */
class PendingBytes {
  #chunks: Buffer[] = [];
  #size = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The next bytes; undefined when they are not there yet. */
  take(size: number): Buffer | undefined {
    if (this.#size < size) return undefined;
    const all = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const joined = all ?? Buffer.concat(this.#chunks);
    this.#chunks = joined.length > size ? [joined.subarray(size)] : [];
    this.#size -= size;
    return joined.subarray(0, size);
  }
}

function toCheckpointError(error: unknown, path: string): BenchError {
  if (BenchError.is(error)) return error;
  const [code, reason] = kindOf(systemCode(error) ?? '');
  return checkpointError(code, path, reason, error);
}

function kindOf(code: string): readonly [CheckpointErrorCode, string] {
  if (code === 'ZSTD_error_prefix_unknown') return ['CHECKPOINT_FOREIGN', 'it is not zstd'];
  if (code === 'Z_BUF_ERROR') return ['CHECKPOINT_TRUNCATED', 'it ends early'];
  if (code.startsWith('ZSTD_')) return ['CHECKPOINT_DAMAGED', 'it does not decompress'];
  return ['CHECKPOINT_UNREADABLE', 'it cannot be read'];
}
