import type { ErrorCode } from 'yaml';

/** What the parser says of a mistake. */
interface Complaint {
  readonly code: ErrorCode;
  readonly message: string;
  /** Where it begins and ends in the text. */
  readonly pos: readonly [number, number];
}

/** A mistake in YAML itself, by its offset in the text. */
export interface YamlMistake {
  readonly offset: number;
  readonly message: string;
}

const NO_VALUE = 'after a key come a colon and a space, as in "duration: 60s"';
const ALIAS = 'a value that begins with * must be in quotes, as in "*.dat"';

/** How deep maps and lists may lie in each other; a workload has less than ten levels. */
export const MOST_LEVELS = 100;
const TOO_DEEP = `this is nested too deeply: at most ${String(MOST_LEVELS)} maps and lists may lie in each other`;

/** What the parser says of common mistakes in words that are not of use to whoever has made them. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: ALIAS,
  BLOCK_AS_IMPLICIT_KEY:
    'this fits nowhere: begin all keys of a map, and all items of a list, in the same column, and put text with ": " in quotes',
  DUPLICATE_KEY: 'this key is there twice',
  MULTILINE_IMPLICIT_KEY: NO_VALUE,
  MULTIPLE_DOCS: 'a second document begins here: a file has one',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: 'lines are indented with spaces, not with tabs',
};

/** The parser's complaint, under a code that it has for many, about a line that is no key with a value. */
const COMPLAINS_OF_NO_VALUE = 'Implicit map keys need to be followed by map values';

/** What the parser quotes of the text, which may be all of it; its place is told anyway. */
const QUOTATION = /: ".*$/s;

function wordsFor({ code, message }: Complaint): string {
  return message === COMPLAINS_OF_NO_VALUE
    ? NO_VALUE
    : (WORDS[code] ?? message.replace(QUOTATION, ''));
}

/** One mistake often makes the parser complain several times: only its first complaint about a line counts. */
export function yamlMistakes(
  complaints: readonly Complaint[],
  lineOf: (offset: number) => number,
): YamlMistake[] {
  const lines = new Set<number>();
  return complaints.flatMap((complaint) => {
    const [offset] = complaint.pos;
    const line = lineOf(offset);
    if (lines.has(line)) return [];
    lines.add(line);
    return [{ offset, message: wordsFor(complaint) }];
  });
}

/** @param offset where a value refers to an anchor that there is not, which is hardly ever meant */
export function missingAnchor(offset: number): YamlMistake {
  return { offset, message: ALIAS };
}

/** @param offset where a map or a list lies too deep in others */
export function tooDeep(offset: number): YamlMistake {
  return { offset, message: TOO_DEEP };
}
