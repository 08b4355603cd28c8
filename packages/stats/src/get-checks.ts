/** How far what a GET returned was compared with what had been written. */
export type GetCheck = 'content' | 'length' | 'none';

/** GETs that were answered, each counted once, right or wrong. */
export interface GetChecks {
  /** Of which the length and all of the content were compared. */
  readonly content: number;
  /** Of which the length alone was compared. */
  readonly length: number;
  /** Of which it is not known what had been written. */
  readonly none: number;
}

export const GET_CHECK_INDEX: Readonly<Record<GetCheck, number>> = {
  content: 0,
  length: 1,
  none: 2,
};

export const NO_GET_CHECKS: GetChecks = { content: 0, length: 0, none: 0 };

export function addGetChecks(a: GetChecks, b: GetChecks): GetChecks {
  return { content: a.content + b.content, length: a.length + b.length, none: a.none + b.none };
}
