import { z } from 'zod';
import { text, waitingTime } from './scalars.ts';

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
