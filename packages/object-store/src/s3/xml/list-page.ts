import { elementContents, elementText } from './xml-text.ts';

/** One answer to ListObjectsV2. */
export interface ListPage {
  readonly objects: readonly { readonly key: string; readonly sizeBytes: number }[];
  readonly truncated: boolean;
  readonly nextToken: string | undefined;
}

/** Reads a ListBucketResult; undefined when it is not one, or cut off. */
export function parseListPage(xml: string): ListPage | undefined {
  const [result] = elementContents(xml, 'ListBucketResult');
  if (result === undefined) return undefined;
  const decode = keyDecoder(result);
  const objects = elementContents(result, 'Contents').map((content) => ({
    key: decode(elementText(content, 'Key') ?? ''),
    sizeBytes: Number(elementText(content, 'Size') ?? 0),
  }));
  return {
    objects,
    truncated: elementText(result, 'IsTruncated') === 'true',
    nextToken: elementText(result, 'NextContinuationToken'),
  };
}

/** How keys are written in the result of a listing. */
export function keyDecoder(result: string): (key: string) => string {
  return elementText(result, 'EncodingType') === 'url' ? decodeUrl : (key) => key;
}

function decodeUrl(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    // The server says that keys are encoded, and this one is not.
    return key;
  }
}
