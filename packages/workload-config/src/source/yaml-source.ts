import { isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Problem } from './problem.ts';

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
  const problems = document.errors.map(({ message, pos }) => ({
    ...at(pos[0]),
    path: [],
    message: `not valid YAML: ${message}`,
  }));
  return {
    value: problems.length > 0 ? undefined : (document.toJS() as unknown),
    problems,
    positionOf: (path) => at(locate(document.contents, path).node?.range?.[0] ?? 0),
    keyPositionOf: (path) => {
      const { key, node } = locate(document.contents, path);
      return at((key ?? node)?.range?.[0] ?? 0);
    },
  };
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
