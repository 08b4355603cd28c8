import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { parseWorkload } from './parse-workload.ts';
import { workloadSchema } from './schema/workload.ts';
import type { SizesOfFile } from './sizes/size-file.ts';
import { UNSUPPORTED_KEYS } from './source/peer-keys.ts';
import { codeBlocks, codeSpans, sectionsOf } from './testing/markdown-sections.ts';
import { allowedWords, schemaObjects, type SchemaObject } from './testing/schema-objects.ts';

const REFERENCE = readFileSync(
  new URL('../../../docs/configuration.md', import.meta.url),
  'utf8',
).replaceAll('\r\n', '\n');
const SECTIONS = sectionsOf(REFERENCE);
const OBJECTS = schemaObjects(workloadSchema);

/** A key as a table of the document describes it. */
interface KeyRow {
  /** Where the key stands, as headings write it; empty at the top level. */
  readonly place: string;
  readonly key: string;
  readonly cells: Readonly<Record<string, string>>;
}

/** All rows about keys. The heading above a table names the place that it is about. */
const KEY_ROWS: readonly KeyRow[] = SECTIONS.flatMap(({ tables, title }) =>
  tables.flat().flatMap((cells) => {
    const place = title === 'Top level' ? '' : (codeSpans(title)[0] ?? `unknown: ${title}`);
    return codeSpans(cells['key'] ?? '').map((key) => ({ place, key, cells }));
  }),
);

/** The maps that a place in the document is about: by the whole path, else by its last part. */
function objectsAt(place: string): SchemaObject[] {
  const exact = OBJECTS.filter(({ places }) => places.includes(place));
  if (exact.length > 0) return exact;
  return OBJECTS.filter(({ places }) => places.some((each) => each.endsWith(`.${place}`)));
}

/** Whether a key, or one that it is below, is refused though the schema has it. */
function isRefused(place: string, key: string): boolean {
  const steps = [...place.replaceAll('[]', '.*').split('.').filter(Boolean), key];
  return steps.some((step, depth) =>
    UNSUPPORTED_KEYS[steps.slice(0, depth).join('.')]?.includes(step),
  );
}

/** The schemas of a key: several where alternatives have it. */
function schemasOf({ key, place }: KeyRow): z.core.$ZodType[] {
  return objectsAt(place).flatMap(({ keys }) => keys[key] ?? []);
}

/** Whether a cell has a value, as it is written in a file, that a schema reads as `expected`. */
function names(cell: string, schema: z.core.$ZodType, expected: unknown): boolean {
  return codeSpans(cell).some((written) => {
    const result = z.safeParse(schema, parse(written));
    return result.success && JSON.stringify(result.data) === JSON.stringify(expected);
  });
}

describe('docs/configuration.md', () => {
  it('has every key of the schema that is not refused', () => {
    const documented = new Set(
      KEY_ROWS.flatMap(({ key, place }) => objectsAt(place).map((object) => ({ object, key }))).map(
        ({ key, object }) => `${object.places.join()} ${key}`,
      ),
    );
    const missing = OBJECTS.flatMap(({ keys, places }) =>
      Object.keys(keys)
        .filter((key) => !places.every((place) => isRefused(place, key)))
        .map((key) => `${places.join()} ${key}`)
        .filter((key) => !documented.has(key)),
    );
    expect(OBJECTS.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });

  it('has no key that the schema does not have', () => {
    const unknown = KEY_ROWS.filter((row) => schemasOf(row).length === 0);
    expect(KEY_ROWS.length).toBeGreaterThan(40);
    expect(unknown.map(({ key, place }) => `${place} ${key}`)).toEqual([]);
  });

  it.each(KEY_ROWS.map((row) => [row.key, row.place || 'the file', row] as const))(
    'has the right default of %s in %s',
    (_, __, row) => {
      const cell = row.cells['default'] ?? '';
      const schemas = schemasOf(row);
      const absent = schemas.map((schema) => ({ schema, result: z.safeParse(schema, undefined) }));
      expect(cell.includes('required')).toBe(absent.some(({ result }) => !result.success));
      for (const { result, schema } of absent) {
        if (!result.success || result.data === undefined) continue;
        expect({ cell, default: result.data, named: names(cell, schema, result.data) }).toEqual({
          cell,
          default: result.data,
          named: true,
        });
      }
    },
  );

  it('has every word that a key accepts', () => {
    const missing = KEY_ROWS.flatMap((row) => {
      const spans = codeSpans(Object.values(row.cells).join(' '));
      return schemasOf(row)
        .flatMap(allowedWords)
        .filter((word) => !spans.includes(word))
        .map((word) => `${row.place} ${row.key}: ${word}`);
    });
    expect(missing).toEqual([]);
  });

  it('names exactly the keys that are refused as not supported yet', () => {
    const section = SECTIONS.find(({ title }) => title === 'Keys that are refused');
    const rows = section?.tables.flat() ?? [];
    const listed = rows.map(({ keys = '', place = '' }) => [
      (codeSpans(place)[0] ?? '').replaceAll('[]', '.*'),
      codeSpans(keys),
    ]);
    expect(Object.fromEntries(listed)).toEqual(UNSUPPORTED_KEYS);
  });

  it.each(codeBlocks(REFERENCE, 'yaml').map((block, index) => [index + 1, block] as const))(
    'shows YAML that is accepted, in block %i',
    (_, block) => {
      const whole = {
        target: 's3://bucket/',
        workload: [{ op: 'list', path: 'data/', weight: 1 }],
        ...(parse(block) as object),
      };
      const oneSize: SizesOfFile = () => ({ type: 'fixed', sizeBytes: 1 });
      expect(parseWorkload(stringify(whole), 'block.yaml', oneSize).stages).not.toHaveLength(0);
    },
  );

  it('shows the messages that mistakes in its first example get', () => {
    const [example = ''] = codeBlocks(REFERENCE, 'yaml');
    const mistaken = example
      .replace('concurrency:', 'concurency:')
      .replace('size_spec: 1MiB', 'size_spec: 1MeB');
    let message = '';
    try {
      parseWorkload(mistaken, 'workload.yaml');
    } catch (error) {
      ({ message } = BenchError.from(error));
    }
    expect(codeBlocks(REFERENCE, 'text')).toContain(`${message}\n`);
  });

  it('has no link to a heading that it does not have', () => {
    const anchors = SECTIONS.map(({ anchor }) => anchor);
    const links = [...REFERENCE.matchAll(/\]\(#([^)]*)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });
});
