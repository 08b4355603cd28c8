import { z } from 'zod';
import { knownKeysAt, objectSchemasAt } from './known-keys.ts';
import { LEGACY_KEYS, UNSUPPORTED_KEYS } from './peer-keys.ts';
import { formatPath, type Problem } from './problem.ts';
import { patternOf } from './refused-keys.ts';
import { suggest } from './suggest.ts';
import type { YamlSource } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

/** Characters of a key or a value that are shown. */
const MOST_SHOWN = 80;

/** What a schema found wrong with a file, in words, with positions. Keys that are refused anyway are left out. */
export function schemaProblems(
  schema: z.core.$ZodType,
  source: YamlSource,
  issues: readonly Issue[],
): Problem[] {
  if (isOtherFile(schema, source.value)) return [{ line: 1, column: 1, path: [], message: OTHER }];
  return issues.flatMap((issue) => issueProblems(schema, source, issue, []));
}

const OTHER =
  'this is no workload: it has none of the keys of one, such as target, workload, prepare or distributed';

/** Whether a file has nothing of a workload, so that nobody wants to see what it has instead. */
function isOtherFile(schema: z.core.$ZodType, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const known = knownKeysAt(schema, value, []);
  const elsewhere = Object.keys(LEGACY_KEYS[''] ?? {});
  const keys = Object.keys(value);
  return (
    keys.length > 0 &&
    !keys.some(
      (key) => known.includes(key) || elsewhere.includes(key) || suggest(key, known) !== undefined,
    )
  );
}

function issueProblems(
  schema: z.core.$ZodType,
  source: YamlSource,
  issue: Issue,
  parent: readonly PropertyKey[],
): Problem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const refused = UNSUPPORTED_KEYS[patternOf(path)] ?? [];
    const known = knownKeysAt(schema, source.value, path).filter((key) => !refused.includes(key));
    return issue.keys
      .filter((key) => !refused.includes(key))
      .map((key) => ({
        ...source.keyPositionOf([...path, key]),
        path: [...path, key],
        message: unknownKey(key, path, known),
      }));
  }
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.find((issues) => !issues.some(isWrongType));
    if (branch !== undefined) {
      return branch.flatMap((inner) => issueProblems(schema, source, inner, path));
    }
  }
  const value = valueAt(source.value, path);
  const isFile = path.length === 0;
  const message = isFile
    ? `the file must be a map of keys, not ${kindOf(value)}`
    : `${formatPath(path)} ${describe(issue, value)}`;
  return [
    { ...source.positionOf(path), path, message },
    ...(issue.code === 'invalid_union' ? besideDiscriminator(schema, source, issue, path) : []),
  ];
}

/**
 * What else is wrong with a map whose discriminator says none of the alternatives (`op: gett`): all that is wrong with the
 * one that is meant, or, when that is unknown, what is wrong whichever is. So the file need not be tried again to find it.
 */
function besideDiscriminator(
  schema: z.core.$ZodType,
  source: YamlSource,
  { discriminator }: Extract<Issue, { code: 'invalid_union' }>,
  path: readonly PropertyKey[],
): Problem[] {
  if (discriminator === undefined) return [];
  const mapPath = path.slice(0, -1);
  const map = valueAt(source.value, mapPath);
  if (typeof map !== 'object' || map === null) return [];
  const variants = objectSchemasAt(schema, source.value, mapPath).flatMap((variant) => {
    const literal: unknown = variant.shape[discriminator];
    if (!(literal instanceof z.ZodLiteral)) return [];
    return [...literal.values].map((name) => ({ variant, name: String(name) }));
  });
  const said = valueAt(source.value, path);
  const names = variants.map(({ name }) => name);
  const meant = typeof said === 'string' ? suggest(said, names) : undefined;
  const [first, ...others] = variants
    .filter(({ name }) => meant === undefined || name === meant)
    .map(({ name, variant }) => {
      const { error } = variant.safeParse({ ...map, [discriminator]: name });
      return (error?.issues ?? []).flatMap((inner) =>
        issueProblems(schema, source, inner, mapPath),
      );
    });
  return (first ?? []).filter((problem) =>
    others.every((problems) => problems.some(({ message }) => message === problem.message)),
  );
}

/** Whether a branch of a union was not meant at all, because the value is of another type. */
function isWrongType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_type') return true;
  return issue.code === 'invalid_union' && issue.errors.every((inner) => inner.some(isWrongType));
}

function unknownKey(key: string, path: readonly PropertyKey[], known: readonly string[]): string {
  const where = path.length === 0 ? '' : ` in ${formatPath(path)}`;
  const legacy = LEGACY_KEYS[patternOf(path)]?.[key];
  if (legacy !== undefined) return `"${key}"${where} is not a key of this version: ${legacy}`;
  const meant = suggest(key, known);
  if (meant !== undefined) return `unknown key "${key}"${where}: did you mean "${meant}"?`;
  return `unknown key "${shortened(key)}"${where}: known are ${known.join(', ')}`;
}

function describe(issue: Issue, value: unknown): string {
  if (value === undefined && issue.code !== 'custom') return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}, not ${shown(value)}`;
    case 'invalid_value':
      return oneOf(issue.values.map(String), value);
    case 'invalid_union':
      return unionMismatch(issue, value);
    default:
      return issue.message;
  }
}

function unionMismatch(issue: Extract<Issue, { code: 'invalid_union' }>, value: unknown): string {
  const { options } = issue as { options?: readonly unknown[] };
  if (options !== undefined) return oneOf(options.map(String), value);
  return issue.message === 'Invalid input' ? `cannot be ${shown(value)}` : issue.message;
}

function oneOf(allowed: readonly string[], value: unknown): string {
  const meant = typeof value === 'string' ? suggest(value, allowed) : undefined;
  const question = meant === undefined ? '' : `: did you mean "${meant}"?`;
  return allowed.length === 1
    ? `must be ${allowed.join()}, not ${shown(value)}${question}`
    : `must be one of ${allowed.join(', ')}, not ${shown(value)}${question}`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (value as Record<PropertyKey, unknown> | null | undefined)?.[step],
    root,
  );
}

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    object: 'a map of keys',
    array: 'a list',
    string: 'text',
    boolean: 'true or false',
    number: 'a number',
  };
  return names[expected] ?? expected;
}

function shown(value: unknown): string {
  return typeof value === 'object' ? kindOf(value) : shortened(JSON.stringify(value));
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map of keys' : 'a single value';
}

/** Enough of a text to find it by. */
function shortened(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}
