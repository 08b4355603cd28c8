import { BenchError } from '@sai3bench/errors';
import type {
  ListedVersion,
  ObjectVersions,
  VersionFailure,
  Versioning,
  VersionName,
} from '../../object-versions.ts';
import { canonicalQuery } from '../sigv4/uri-encode.ts';
import { parseVersionPage, type VersionPage } from '../xml/version-page.ts';
import { elementContents, elementText, encodeXml } from '../xml/xml-text.ts';
import { callS3 } from './call-exchange.ts';
import {
  deletionErrors,
  isMissingObject,
  isUnknownOperation,
  MAX_DELETE_KEYS,
  PARALLEL_DELETES,
  postDeletions,
} from './delete-objects.ts';
import type { S3Context } from './s3-context.ts';

const STATUS: Readonly<Partial<Record<string, Versioning>>> = {
  '': 'never',
  Enabled: 'enabled',
  Suspended: 'suspended',
};

/** The versions of the objects of a bucket, below the store's prefix. */
export class S3Versions implements ObjectVersions {
  readonly #context: S3Context;

  constructor(context: S3Context) {
    this.#context = context;
  }

  async status(): Promise<Versioning> {
    const { text } = await callS3(this.#context, {
      method: 'GET',
      operation: 'STAT',
      query: 'versioning=',
    });
    const [configuration] = elementContents(text, 'VersioningConfiguration');
    const said =
      configuration === undefined ? undefined : (elementText(configuration, 'Status') ?? '');
    const status = said === undefined ? undefined : STATUS[said];
    if (status !== undefined) return status;
    throw unreadable('the status of versions', 'it is no VersioningConfiguration');
  }

  async list(
    prefix: string,
    onPage: (page: readonly ListedVersion[]) => Promise<void>,
  ): Promise<void> {
    const below = this.#context.prefix + prefix;
    let after: VersionPage['next'];
    do {
      const query = canonicalQuery([['prefix', below], ['versions', ''], ...markersOf(after)]);
      const { text } = await callS3(this.#context, { method: 'GET', operation: 'LIST', query });
      const page = parseVersionPage(text);
      const what = `the list of versions below ${prefix}`;
      if (page === undefined) throw unreadable(what, 'it is no ListVersionsResult');
      await onPage(this.#relative(page.versions, below));
      after = nextOf(page, after, what);
    } while (after !== undefined);
  }

  /** What is below the prefix: a server that does not know prefixes shows more. */
  #relative(versions: readonly ListedVersion[], below: string): ListedVersion[] {
    const { prefix } = this.#context;
    return versions.flatMap((version) =>
      version.key.startsWith(below) && version.versionId !== ''
        ? [{ ...version, key: version.key.slice(prefix.length) }]
        : [],
    );
  }

  async delete(versions: readonly VersionName[]): Promise<readonly VersionFailure[]> {
    const failures: VersionFailure[] = [];
    for (let from = 0; from < versions.length; from += MAX_DELETE_KEYS) {
      const batch = versions.slice(from, from + MAX_DELETE_KEYS);
      failures.push(...(await this.#deleteBatch(batch)));
    }
    return failures;
  }

  async #deleteBatch(batch: readonly VersionName[]): Promise<readonly VersionFailure[]> {
    const { prefix } = this.#context;
    const objects = batch
      .map(
        ({ key, versionId }) =>
          `<Object><Key>${encodeXml(prefix + key)}</Key>` +
          `<VersionId>${encodeXml(versionId)}</VersionId></Object>`,
      )
      .join('');
    try {
      const text = await postDeletions(this.#context, objects);
      const keys = new Set(batch.map(({ key }) => key));
      // Which version was meant need not be said where there is only one of the key.
      return deletionErrors(this.#context, text, keys).flatMap(({ error, key, versionId }) =>
        batch
          .filter((each) => each.key === key && each.versionId === (versionId ?? each.versionId))
          .map((each) => ({ ...each, error })),
      );
    } catch (error) {
      if (!isUnknownOperation(error)) throw error;
      return this.#deleteSingly(batch);
    }
  }

  /** @throws BenchError of class `cancelled` */
  async #deleteSingly(batch: readonly VersionName[]): Promise<readonly VersionFailure[]> {
    const failures: VersionFailure[] = [];
    let next = 0;
    let cancelled: BenchError | undefined;
    const work = async (): Promise<void> => {
      for (let each = batch[next++]; each !== undefined; each = batch[next++]) {
        if (cancelled !== undefined) return;
        const { key, versionId } = each;
        const query = canonicalQuery([['versionId', versionId]]);
        try {
          await callS3(this.#context, { method: 'DELETE', operation: 'DELETE', key, query });
        } catch (reason) {
          const error = BenchError.from(reason);
          if (error.class === 'cancelled') cancelled = error;
          else if (!isMissingObject(error)) failures.push({ ...each, error });
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_DELETES }, work));
    if (cancelled !== undefined) throw cancelled;
    return failures;
  }
}

function markersOf(after: VersionPage['next']): (readonly [string, string])[] {
  if (after === undefined) return [];
  const id = after.versionId;
  return [['key-marker', after.key], ...(id === '' ? [] : [['version-id-marker', id] as const])];
}

function nextOf(page: VersionPage, before: VersionPage['next'], what: string): VersionPage['next'] {
  if (!page.truncated) return undefined;
  const { next } = page;
  if (next === undefined) throw unreadable(what, 'it is cut off and names no next page');
  if (next.key === before?.key && next.versionId === before.versionId)
    throw unreadable(what, 'its next page is itself');
  return next;
}

function unreadable(what: string, why: string): BenchError {
  return new BenchError(`the answer cannot be used as ${what}: ${why}`, {
    code: 'S3_ILLEGAL_ANSWER',
    class: 'server',
    retryable: false,
  });
}
