import { Refusal } from '../refusal/refusal.ts';

/** Most entries of a page, whatever a request asks for. */
const MAX_PAGE = 1000;

/** How many entries a request wants on a page. @throws Refusal InvalidArgument */
export function pageLimit(query: ReadonlyMap<string, string>, parameter: string): number {
  const text = query.get(parameter) ?? String(MAX_PAGE);
  if (!/^\d{1,10}$/.test(text)) {
    throw new Refusal('InvalidArgument', {
      message: `${parameter} is no whole number`,
      details: { ArgumentName: parameter, ArgumentValue: text },
    });
  }
  return Math.min(MAX_PAGE, Number(text));
}
