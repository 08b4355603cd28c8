import { Refusal } from '../refusal/refusal.ts';
import type { StoredObject } from '../storage/stored-object.ts';

type Headers = ReadonlyMap<string, string>;

/** Whether a GET is answered with 304 (RFC 9110 section 13.2.2). @throws Refusal PreconditionFailed */
export function checkReadConditions(headers: Headers, object: StoredObject): 'send' | 'unchanged' {
  const ifMatch = headers.get('if-match');
  if (ifMatch !== undefined) {
    if (!listsEtag(ifMatch, object.etag)) throw new Refusal('PreconditionFailed');
  } else if (isLaterThan(object.modifiedMs, headers.get('if-unmodified-since'))) {
    throw new Refusal('PreconditionFailed');
  }
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined) return listsEtag(ifNoneMatch, object.etag) ? 'unchanged' : 'send';
  const since = headers.get('if-modified-since');
  if (since === undefined || Number.isNaN(Date.parse(since))) return 'send';
  return isLaterThan(object.modifiedMs, since) ? 'send' : 'unchanged';
}

/** Refuses a write whose If-Match or If-None-Match does not hold (S3 user guide, "Conditional writes"). */
export function checkWriteConditions(headers: Headers, existing: StoredObject | undefined): void {
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw new Refusal('NotImplemented');
  if (ifNoneMatch === '*' && existing !== undefined) {
    throw new Refusal('PreconditionFailed', { details: { Condition: 'If-None-Match' } });
  }
  const ifMatch = headers.get('if-match');
  if (ifMatch === undefined) return;
  if (existing === undefined) throw new Refusal('NoSuchKey');
  if (!listsEtag(ifMatch, existing.etag)) {
    throw new Refusal('PreconditionFailed', { details: { Condition: 'If-Match' } });
  }
}

function listsEtag(list: string, etag: string): boolean {
  const plain = etag.replaceAll('"', '');
  return list.split(',').some((each) => {
    const candidate = each.trim().replace(/^W\//, '').replaceAll('"', '');
    return candidate === '*' || candidate === plain;
  });
}

/** HTTP dates have whole seconds. */
function isLaterThan(modifiedMs: number, date: string | undefined): boolean {
  return date !== undefined && Math.floor(modifiedMs / 1000) * 1000 > Date.parse(date);
}
