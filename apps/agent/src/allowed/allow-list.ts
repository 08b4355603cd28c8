import { BenchError } from '@sai3bench/errors';
import { isFileUri, parseStoreUri, type S3Uri, type StoreUri } from '@sai3bench/store-uri';
import type { AgentPlan } from '@sai3bench/workload-config';
import { planKeys, type PlanPath, planPaths } from './plan-paths.ts';
import { findRealPlaces, type FindPlaces } from './real-places.ts';

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
 * whole names: of hosts with ports, of buckets, of directories, never beginnings of texts. Of directories it is the
 * places that they lead to at the moment, without symbolic links.
 */
export class AllowList {
  readonly #rules: readonly Rule[];
  readonly #findPlaces: FindPlaces;

  /** @throws BenchError `STORE_URI` for a rule that is no address, `ALLOW_PATH` for a directory that is not absolute */
  constructor({ paths, targets }: AllowOptions, findPlaces: FindPlaces = findRealPlaces) {
    this.#rules = [...targets.map(targetRule), ...paths.map(pathRule)];
    this.#findPlaces = findPlaces;
  }

  /**
   * @param endpointUrl the server of addresses that name only a bucket, when the controller gives it
   * @throws BenchError `PLAN_FORBIDDEN` for a plan that goes beyond, or of which nobody can tell whether it does
   */
  async check(plan: AgentPlan, endpointUrl?: string): Promise<void> {
    if (this.#rules.length === 0) return;
    for (const address of plan.stores.flatMap(({ endpoints }) => endpoints)) {
      if (!this.#allowsServer(parseStoreUri(address), endpointUrl)) throw forbidden(address);
    }
    for (const { key } of planKeys(plan)) {
      if (leadsUpwards(key)) throw forbidden(key);
    }
    await this.#checkPaths(planPaths(plan));
  }

  /** Files are no matter of servers. */
  #allowsServer(uri: StoreUri, endpointUrl: string | undefined): boolean {
    if (uri.scheme === 'null' || isFileUri(uri)) return true;
    const server = serverOf(uri.endpoint ?? endpointUrl);
    return this.#rules.some((rule) => {
      if (rule.kind === 'server') return rule.server === server;
      if (rule.kind === 'path' || rule.server !== server || rule.bucket !== uri.bucket)
        return false;
      return uri.prefix.startsWith(rule.prefix);
    });
  }

  async #checkPaths(named: readonly PlanPath[]): Promise<void> {
    const directories = this.#rules.flatMap((rule) => (rule.kind === 'path' ? [rule.path] : []));
    for (const { name, path } of named) {
      if (directories.length === 0 || !path.startsWith('/') || leadsUpwards(path)) {
        throw forbidden(name);
      }
    }
    if (named.length === 0) return;
    const asked = new Set([...directories, ...named.map(({ path }) => path)]);
    const answers = await this.#findPlaces([...asked]);
    const found = new Map(answers.map((answer) => [answer.path, answer]));
    const allowed = directories.flatMap((directory) => {
      const answer = found.get(directory);
      return answer !== undefined && 'place' in answer ? [directoryOf(answer.place)] : [];
    });
    for (const { name, path } of named) {
      const answer = found.get(path);
      if (answer === undefined) throw forbidden(name, 'its storage does not tell where it leads');
      if ('why' in answer) throw forbidden(name, `it cannot be told where it leads: ${answer.why}`);
      const place = directoryOf(answer.place);
      if (allowed.some((directory) => place.startsWith(directory))) continue;
      throw forbidden(name, place === directoryOf(path) ? '' : `it leads to ${answer.place}`);
    }
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
  if (path.startsWith('/') && !leadsUpwards(path)) {
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

function leadsUpwards(path: string): boolean {
  return path.split('/').includes('..');
}

/** @param why when that is not to be seen from the name of the place */
function forbidden(place: string, why = ''): BenchError {
  return new BenchError(`this agent may not use ${place}${why === '' ? '' : `: ${why}`}`, {
    code: 'PLAN_FORBIDDEN',
    class: 'permission',
    hint: 'whoever started the agent has limited it: use another target, or start it with an --allow-target or --allow-path that covers this one',
  });
}
