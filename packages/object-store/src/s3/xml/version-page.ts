import type { ListedVersion } from '../../object-versions.ts';
import { keyDecoder } from './list-page.ts';
import { elementContents, elementText } from './xml-text.ts';

/** One answer to ListObjectVersions. */
export interface VersionPage {
  /** In the order of the answer, with whole keys. */
  readonly versions: readonly ListedVersion[];
  readonly truncated: boolean;
  readonly next: { readonly key: string; readonly versionId: string } | undefined;
}

/** Versions and delete markers are mixed: what is newer comes first. */
const ENTRY = /<(Version|DeleteMarker)(?:\s[^>]*)?>([^]*?)<\/\1>/g;

/** Reads a ListVersionsResult; undefined when it is not one, or cut off. */
export function parseVersionPage(xml: string): VersionPage | undefined {
  const [result] = elementContents(xml, 'ListVersionsResult');
  if (result === undefined) return undefined;
  const decode = keyDecoder(result);
  const versions = [...result.matchAll(ENTRY)].map(([, kind, entry = '']) => ({
    key: decode(elementText(entry, 'Key') ?? ''),
    versionId: elementText(entry, 'VersionId') ?? '',
    isMarker: kind === 'DeleteMarker',
    isLatest: elementText(entry, 'IsLatest') === 'true',
    modifiedAtMs: Date.parse(elementText(entry, 'LastModified') ?? '') || 0,
  }));
  const key = elementText(result, 'NextKeyMarker');
  return {
    versions,
    truncated: elementText(result, 'IsTruncated') === 'true',
    next:
      key === undefined
        ? undefined
        : { key: decode(key), versionId: elementText(result, 'NextVersionIdMarker') ?? '' },
  };
}
