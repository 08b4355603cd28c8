import { z } from 'zod';
import { byteSize, positiveCount, text, waitingTime } from './scalars.ts';

const MIB = 1024 * 1024;
/** Bounds of a part (S3 user guide, "Multipart upload limits"). */
const LEAST_PART_BYTES = 5 * MIB;
const LARGEST_PART_BYTES = 5 * 1024 * MIB;
/** Payloads are made in blocks of this length. */
const BLOCK_BYTES = 4096;

/** Which objects are written in parts, and how. */
const multipart = z.strictObject({
  threshold: byteSize
    .refine((value) => value >= 1, 'must be at least 1 byte')
    .default(LARGEST_PART_BYTES),
  part_size: byteSize
    .refine(
      (value) => value >= LEAST_PART_BYTES && value <= LARGEST_PART_BYTES,
      'must be from 5MiB to 5GiB, which are the bounds of S3',
    )
    .refine((value) => value % BLOCK_BYTES === 0, 'must be a multiple of 4KiB')
    .default(64 * MIB),
  parallel: positiveCount.refine((value) => value <= 64, 'must not be more than 64').default(4),
});

/** How S3 is talked to. Files are read on the host of the agent. */
export const s3 = z.strictObject({
  transport: z.enum(['fast', 'sdk']).default('fast'),
  addressing: z.enum(['path', 'virtual-host']).optional(),
  payload: z.enum(['unsigned', 'signed', 'crc32c', 'crc64nvme', 'sha256']).default('unsigned'),
  region: text.optional(),
  keep_alive: z.boolean().default(true),
  local_address: text.optional(),
  connect_timeout: waitingTime.default(5_000),
  idle_timeout: waitingTime.default(60_000),
  total_timeout: waitingTime.default(3_600_000),
  multipart: multipart.optional(),
  tls: z
    .strictObject({
      ca: text.optional(),
      cert: text.optional(),
      key: text.optional(),
      servername: text.optional(),
      insecure: z.boolean().default(false),
      min_version: z.enum(['TLSv1.2', 'TLSv1.3']).optional(),
    })
    .optional(),
});

export type S3Input = z.output<typeof s3>;
