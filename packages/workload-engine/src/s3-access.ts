import { readFileSync } from 'node:fs';
import { BenchError } from '@sai3bench/errors';
import type { StoreOptions } from '@sai3bench/object-store';
import type { S3Plan } from '@sai3bench/workload-config/plan';

type S3Options = NonNullable<StoreOptions['s3']>;
type TlsPlan = NonNullable<S3Plan['tls']>;

/**
 * How S3 is talked to, as a plan says it, with the files of certificates and keys read on this host.
 *
 * @throws BenchError `TLS_FILE` when one of them cannot be read
 */
export function s3OptionsOf({ tls, ...plan }: S3Plan): S3Options {
  return withoutUndefined({ ...plan, tls: tls && tlsOptionsOf(tls) });
}

function tlsOptionsOf(tls: TlsPlan): S3Options['tls'] {
  return withoutUndefined({
    ca: contentOf(tls.caPath, 'ca'),
    cert: contentOf(tls.certPath, 'cert'),
    key: contentOf(tls.keyPath, 'key'),
    servername: tls.servername,
    insecure: tls.insecure,
    minVersion: tls.minVersion,
  });
}

function contentOf(path: string | undefined, key: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BenchError(`cannot read ${path}`, {
      code: 'TLS_FILE',
      class: 'config',
      hint: `s3.tls.${key} names a PEM file on the host of the agent`,
      cause,
    });
  }
}

type Defined<Options> = { [Key in keyof Options]: Exclude<Options[Key], undefined> };

/** Options of which those without a value are left out. */
function withoutUndefined<Options extends object>(options: Options): Partial<Defined<Options>> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<Defined<Options>>;
}
