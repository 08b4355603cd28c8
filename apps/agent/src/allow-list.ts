import { BenchError } from '@sai3bench/errors';
import { isFileUri, parseStoreUri, type S3Uri, type StoreUri } from '@sai3bench/store-uri';
import type { AgentPlan } from '@sai3bench/workload-config';

/** One place that plans may use. */
type Rule =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'server'; readonly server: string }
  | {
      readonly kind: 'bucket';
      readonly server: string | undefined;
      readonly bucket: string;
      readonly prefix: string;
    };

/** Stands for any bucket, to find out whether an address names a server alone. */
const ANY_BUCKET = 'any-bucket';

/** No server has this name: the rule of who allows only what touches no storage. */
const NOTHING: Rule = { kind: 'server', server: '' };

/** What the command line says. */
export interface AllowOptions {
  /** `--allow-target`: addresses of servers, buckets, prefixes and directories. */
  readonly targets: readonly string[];
  /** `--allow-path`: directories. */
  readonly paths: readonly string[];
}

/**
 * The places that plans of controllers may use. Without any rule all may be used; with one, nothing else. Compared are
 * whole names: of hosts with ports, of buckets, of directories, never beginnings of texts.
 */
export class AllowList {
  readonly #rules: readonly Rule[];

  /** @throws BenchError `STORE_URI` for a rule that is no address, `ALLOW_PATH` for a directory that is not absolute */
  constructor({ paths, targets }: AllowOptions) {
    this.#rules = [...targets.map(targetRule), ...paths.map(pathRule)];
  }

  /**
   * @param endpointUrl the server of addresses that name only a bucket, when the controller gives it
   * @throws BenchError `PLAN_FORBIDDEN` for a plan that goes beyond
   */
  check(plan: AgentPlan, endpointUrl?: string): void {
    if (this.#rules.length === 0) return;
    for (const address of plan.stores.flatMap(({ endpoints }) => endpoints)) {
      if (!this.#allows(parseStoreUri(address), endpointUrl)) throw forbidden(address);
    }
    for (const path of pathsOf(plan)) {
      if (!this.#allowsPath(path)) throw forbidden(path);
    }
    for (const key of keysOf(plan)) {
      if (key.split('/').includes('..')) throw forbidden(key);
    }
  }

  #allows(uri: StoreUri, endpointUrl: string | undefined): boolean {
    if (uri.scheme === 'null') return true;
    if (isFileUri(uri)) return this.#allowsPath(uri.path);
    const server = serverOf(uri.endpoint ?? endpointUrl);
    return this.#rules.some((rule) => {
      if (rule.kind === 'server') return rule.server === server;
      if (rule.kind === 'path' || rule.server !== server || rule.bucket !== uri.bucket)
        return false;
      return uri.prefix.startsWith(rule.prefix);
    });
  }

  #allowsPath(path: string): boolean {
    if (!path.startsWith('/') || path.split('/').includes('..')) return false;
    const directory = directoryOf(path);
    return this.#rules.some((rule) => rule.kind === 'path' && directory.startsWith(rule.path));
  }
}

function targetRule(text: string): Rule {
  const server = serverAlone(text);
  if (server !== undefined) return { kind: 'server', server };
  const uri = parseStoreUri(text);
  if (uri.scheme === 'null') return NOTHING;
  if (isFileUri(uri)) return pathRule(uri.path);
  const { bucket, endpoint, prefix } = uri;
  return { kind: 'bucket', server: serverOf(endpoint), bucket, prefix };
}

/** The server of an address that names nothing else. */
function serverAlone(text: string): string | undefined {
  if (!/^s3[^/]*:\/\/[^/]+\/?$/i.test(text)) return undefined;
  const uri = parseStoreUri(`${text.replace(/\/$/, '')}/${ANY_BUCKET}`) as S3Uri;
  return uri.bucket === ANY_BUCKET ? serverOf(uri.endpoint) : undefined;
}

function pathRule(path: string): Rule {
  if (path.startsWith('/') && !path.split('/').includes('..')) {
    return { kind: 'path', path: directoryOf(path) };
  }
  throw new BenchError(`--allow-path ${path} is not an absolute path`, {
    code: 'ALLOW_PATH',
    class: 'config',
    hint: 'give the directory from the root on, without "..", as in --allow-path /mnt/bench',
  });
}

/** Ends with a slash, so that a beginning of it is a directory above it. */
function directoryOf(path: string): string {
  return `${path}/`.replaceAll(/\/{2,}/g, '/').replaceAll(/(?:\/\.)+\//g, '/');
}

/** Scheme, host and port, alike for all ways to write them. */
function serverOf(endpoint: string | undefined): string | undefined {
  return endpoint === undefined ? undefined : (URL.parse(endpoint)?.origin ?? endpoint);
}

/** Files and directories of the host that a plan names. */
function pathsOf({ metadataCache, s3 }: AgentPlan): string[] {
  return [metadataCache.directory, s3?.tls?.caPath, s3?.tls?.certPath, s3?.tls?.keyPath].filter(
    (path) => path !== undefined,
  );
}

/** Whatever is put behind the addresses of stores. */
function keysOf({ operations, pools }: AgentPlan): string[] {
  const ofOperations = operations.flatMap((operation) => {
    if ('prefix' in operation) return [operation.prefix];
    if (!('source' in operation)) return [];
    const { source } = operation;
    if (source.type === 'listing') return [source.prefix];
    return source.type === 'key' ? [source.key] : [];
  });
  return [...pools.map(({ prefix }) => prefix), ...ofOperations];
}

function forbidden(place: string): BenchError {
  return new BenchError(`this agent may not use ${place}`, {
    code: 'PLAN_FORBIDDEN',
    class: 'permission',
    hint: 'whoever started the agent has limited it: use another target, or start it with an --allow-target or --allow-path that covers this one',
  });
}
