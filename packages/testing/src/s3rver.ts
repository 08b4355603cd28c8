import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CERTIFICATE } from './certificate.ts';
import { startChild } from './child.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A running S3 server that is not ours. */
export interface S3Server {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Environment with the credentials that it accepts. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The only credentials that s3rver knows. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

/**
 * Starts s3rver (npm) in a process of its own, with empty buckets. It knows PUT, GET, HEAD, DELETE and LIST.
 * Of deletions side by side that empty a directory of its own, it answers some with 500: it removes directories twice.
 *
 * @param secure serve https, with `CERTIFICATE`
 */
export async function startS3rver(buckets: readonly string[], secure = false): Promise<S3Server> {
  const require = createRequire(import.meta.url);
  const packageDir = dirname(require.resolve('s3rver/package.json'));
  const directory = temporaryDirectory();
  const child = startChild(process.execPath, [
    '--no-deprecation',
    join(packageDir, 'bin', 's3rver.js'),
    ...['--directory', directory.path, '--address', '127.0.0.1', '--port', '0', '--silent'],
    ...(secure ? certificateOptions(directory.path) : []),
    ...buckets.flatMap((bucket) => ['--configure-bucket', bucket]),
  ]);
  const listening = /S3rver listening on (127\.0\.0\.1:\d+)\n/;
  await child.printed(listening);
  return {
    host: listening.exec(child.output())?.[1] ?? '',
    env: CREDENTIALS,
    stop: async () => {
      await child.stop();
      directory.remove();
    },
  };
}

function certificateOptions(directory: string): readonly string[] {
  return (['cert', 'key'] as const).flatMap((part) => {
    const file = join(directory, `${part}.pem`);
    writeFileSync(file, CERTIFICATE[part]);
    return [`--${part}`, file];
  });
}
