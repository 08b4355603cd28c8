import type { ErrorAnswer } from './error-answer.ts';
import { headerField } from './http/header-field.ts';
import { elementText } from './xml/xml-text.ts';

/** Names of regions become part of host names and signatures: nothing else is taken from a server. */
const REGION = /^[a-z0-9][a-z0-9-]{0,61}$/;

/** The region that a server names when a request belongs into another one than it was signed for. */
export function regionHint({ body, head, status }: ErrorAnswer): string | undefined {
  if (status !== 301 && status !== 307 && status !== 400) return undefined;
  const region = headerField(head, 'x-amz-bucket-region') ?? elementText(body, 'Region');
  return region !== undefined && REGION.test(region) ? region : undefined;
}
