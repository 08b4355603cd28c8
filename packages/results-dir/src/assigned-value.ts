/** A name with a value, in a text. Positions count from the start of the text. */
export interface Assignment {
  readonly nameAt: number;
  /** Whether the name alone is in quotes. */
  readonly nameIsQuoted: boolean;
  readonly separator: ':' | '=';
  /** Just behind the separator. */
  readonly valueAt: number;
}

/** A part of a text: from the first position up to, and without, the second. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** A comment begins behind a space. Without a space after the `#` it may be meant as part of the value. */
const COMMENT = /\s#(?=\s|$)/m;

/**
 * Where the value of an assignment is, by the rules of YAML, to which those of JSON and headers conform; behind `=`,
 * by those of shells and property files. Quotes around the value are not part of it. Never ends early when the text is
 * malformed.
 */
export function findValue(text: string, assignment: Assignment): TextRange {
  const { nameAt, nameIsQuoted, separator, valueAt } = assignment;
  const line = text.slice(text.lastIndexOf('\n', nameAt - 1) + 1, nameAt);
  const before = line.replace(/\\*["']$/, '');
  const inFlow = separator === ':' && isInFlow(before);
  const from = skip(text, valueAt, inFlow ? /\s*/y : /[ \t]*/y);
  if (!nameIsQuoted && before !== line) {
    return { from, to: endOfSurroundingQuotes(text, from, line.slice(before.length)) };
  }
  // Tags and anchors of YAML stand before the value.
  const value = separator === ':' ? skip(text, from, /(?:[!&]\S*[ \t]+)*/y) : from;
  const quote = matchAt(text, value, /\\*["']/y);
  if (quote !== '') return quotedValue(text, from, value, quote);
  if (separator === '=') return { from, to: trimEnd(text, from, endOfLine(text, from)) };
  const collectionEnd = endOfCollection(text, value);
  if (collectionEnd !== undefined) return { from, to: collectionEnd };
  return { from, to: inFlow ? endInFlow(text, from) : endInBlock(text, from, before) };
}

function quotedValue(text: string, from: number, value: number, quote: string): TextRange {
  const end = endOfQuotes(text, value, quote);
  if (end === undefined) return { from, to: endOfLine(text, from) };
  // Shells join what stands without a space between; and the quote may have been meant literally.
  if (!/^(?:[\s,;}\])]|$)/.test(text.slice(end, end + 1))) {
    return { from, to: endOfLine(text, end) };
  }
  return { from: value + quote.length, to: end - quote.length };
}

/** The end of a plain scalar in a flow collection: `{secret: abc, other: x}`. */
function endInFlow(text: string, from: number): number {
  const length = text.slice(from).search(/[,{}[\]]/);
  const end = length === -1 ? endOfLine(text, from) : from + length;
  const comment = text.slice(from, end).search(COMMENT);
  return trimEnd(text, from, comment === -1 ? end : from + comment);
}

/** The end of what stands behind a name on a line of its own, and on lines that belong to it. */
function endInBlock(text: string, from: number, before: string): number {
  const lineEnd = endOfLine(text, from);
  const comment = text.slice(from - 1, lineEnd).search(COMMENT);
  const end = trimEnd(text, from, comment === -1 ? lineEnd : from - 1 + comment);
  const opensBlock = /^(?:[!&]\S*[ \t]*)*(?:[|>][-+\d]*)?$/.test(text.slice(from, end));
  // A comment ends a plain scalar.
  const blockEnd =
    opensBlock || comment === -1 ? endOfBlock(text, lineEnd, before, opensBlock) : lineEnd;
  if (blockEnd > lineEnd) return blockEnd;
  const flowEnd = /[\s,}\]]+$/.exec(text.slice(from, end))?.[0].length ?? 0;
  return flowEnd < end - from && bracketDepth(text.slice(0, from)) > 0 ? end - flowEnd : end;
}

/**
 * The end of the lines that are indented more than the name; in a comment, counted from behind its `#`. A plain scalar
 * goes on there up to a comment; block scalars and collections have all of them.
 */
function endOfBlock(text: string, lineEnd: number, before: string, opensBlock: boolean): number {
  const lead = /^([ \t]*#)?([ \t]*(?:[-?][ \t]+)*)$/.exec(before);
  if (lead === null) return lineEnd;
  const [, comment = '', indent = ''] = lead;
  let end = lineEnd;
  for (let at = lineEnd; at < text.length;) {
    const next = endOfLine(text, at + 1);
    const line = text.slice(at + 1, next);
    if (!line.startsWith(comment)) return end;
    const inner = line.slice(comment.length);
    const content = inner.trim();
    at = next;
    if (content === '') continue;
    const depth = inner.length - inner.trimStart().length;
    // The items of a list may stand as far left as the name of the list.
    const isItem = opensBlock && depth === indent.length && /^-(?:\s|$)/.test(content);
    if (depth <= indent.length && !isItem) return end;
    if (!opensBlock && content.startsWith('#')) return end;
    end = next;
  }
  return end;
}

/** Where a quote is closed that was opened before the name: `"Authorization: x"`. */
function endOfSurroundingQuotes(text: string, from: number, quote: string): number {
  const mark = quote.at(-1) ?? '';
  const slashes = quote.length - 1;
  // Two single quotes are one in YAML. A quote inside a word closes nothing.
  const closing = new RegExp(`(?<![\\\\${mark}])\\\\{${slashes}}${mark}(?=[\\s,;)}\\]]|$)`);
  const length = text.slice(from).search(closing);
  return length === -1 ? endOfLine(text, from) : from + length;
}

/** Position behind the closing quote; undefined when there is none. */
function endOfQuotes(text: string, opening: number, quote: string): number | undefined {
  if (quote === '"') return endOf(text, opening, /"(?:[^"\\]|\\[^])*"/y);
  if (quote === "'") return endOf(text, opening, /'(?:[^']|'')*'/y);
  // Quotes inside a string have as many backslashes as it takes; those inside the value have more.
  for (let at = text.indexOf(quote, opening + quote.length); at !== -1;) {
    if (text[at - 1] !== '\\') return at + quote.length;
    at = text.indexOf(quote, at + 1);
  }
  return undefined;
}

/** Position behind the collection that begins at `opening`; undefined when none begins, or it has no end. */
function endOfCollection(text: string, opening: number): number | undefined {
  if (!/^[{[]/.test(text.slice(opening, opening + 1))) return undefined;
  let depth = 0;
  for (let at = opening; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '"' || character === "'") {
      at = (endOfQuotes(text, at, character) ?? at + 1) - 1;
      continue;
    }
    depth += bracketDepth(character);
    if (depth === 0 && /[}\]]/.test(character)) return at + 1;
  }
  return undefined;
}

/** Whether a name behind this text is in a flow collection that began on the same line. */
function isInFlow(before: string): boolean {
  return /[{[,]\s*$/.test(before) && bracketDepth(before) > 0;
}

/** How many brackets are open at the end of a text. */
function bracketDepth(text: string): number {
  let depth = 0;
  for (const character of text) {
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
  }
  return depth;
}

function skip(text: string, from: number, pattern: RegExp): number {
  return from + matchAt(text, from, pattern).length;
}

function matchAt(text: string, from: number, sticky: RegExp): string {
  sticky.lastIndex = from;
  return sticky.exec(text)?.[0] ?? '';
}

function endOf(text: string, from: number, sticky: RegExp): number | undefined {
  sticky.lastIndex = from;
  return sticky.test(text) ? sticky.lastIndex : undefined;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function trimEnd(text: string, from: number, to: number): number {
  return from + text.slice(from, to).trimEnd().length;
}
