import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Problem } from './problem.ts';
import {
  missingAnchor,
  MOST_LEVELS,
  tooDeep,
  type YamlMistake,
  yamlMistakes,
} from './yaml-problems.ts';

/** A YAML text that remembers where each of its values stands. */
export interface YamlSource {
  readonly value: unknown;
  /** Mistakes in the YAML itself; when there are any, `value` is undefined. */
  readonly problems: readonly Problem[];
  /** Where the value at a path stands, or its nearest parent; lines and columns count from 1. */
  positionOf(path: readonly PropertyKey[]): Position;
  /** Where the key at a path stands. */
  keyPositionOf(path: readonly PropertyKey[]): Position;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Reads YAML 1.2; repeated keys and several documents in one file are mistakes. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const mistakes = yamlMistakes(document.errors, (offset) => at(offset).line);
  if (mistakes.length === 0) mistakes.push(...deepValues(document));
  if (mistakes.length === 0) mistakes.push(...missingAnchors(document));
  const value = mistakes.length > 0 ? undefined : valueOf(document, mistakes);
  const problems = mistakes.map(({ message, offset }) => ({
    ...at(offset),
    path: [],
    message: `not valid YAML: ${message}`,
  }));
  return {
    value,
    problems,
    positionOf: (path) => at(offsetOf(locate(document.contents, path).node)),
    keyPositionOf: (path) => {
      const { key, node } = locate(document.contents, path);
      return at(offsetOf(key ?? node));
    },
  };
}

/** Where a document first goes deeper than it may: what reads it goes down as deep itself. */
function deepValues(document: Document): YamlMistake[] {
  const deep: YamlMistake[] = [];
  visit(document, {
    Collection: (_, node, path) => {
      if (path.filter(isCollection).length < MOST_LEVELS) return undefined;
      deep.push(tooDeep(offsetOf(node)));
      return visit.BREAK;
    },
  });
  return deep;
}

function missingAnchors(document: Document): YamlMistake[] {
  const missing: YamlMistake[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) missing.push(missingAnchor(offsetOf(alias)));
    },
  });
  return missing;
}

/** What a document says. Aliases that make more of it than a file can hold are a mistake. */
function valueOf(document: Document, mistakes: YamlMistake[]): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Values that refer to each other may lie deeper than any of them does in the text.
    if (error instanceof RangeError) {
      mistakes.push(tooDeep(0));
      return undefined;
    }
    if (!(error instanceof ReferenceError)) throw error;
    mistakes.push({ offset: 0, message: error.message });
    return undefined;
  }
}

function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

interface Located {
  readonly node: Node | null;
  readonly key?: Node;
}

function locate(root: Node | null, path: readonly PropertyKey[]): Located {
  let found: Located = { node: root };
  for (const step of path) {
    const next = childOf(found.node, step);
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

function childOf(node: Node | null, step: PropertyKey): Located | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { node: item as Node };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(
    (item) => isPair(item) && String((item.key as { value?: unknown }).value) === String(step),
  );
  if (pair === undefined) return undefined;
  const key = pair.key as Node;
  return { node: (pair.value as Node | null) ?? key, key };
}
