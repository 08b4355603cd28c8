import { z } from 'zod';

/** A map in a workload file: its keys, and all places where it may stand, as in `prepare.ensure_objects[]`. */
export interface SchemaObject {
  readonly places: string[];
  readonly keys: Readonly<Record<string, z.core.$ZodType>>;
}

/** Every map that a schema knows, each once however many places it may stand in. */
export function schemaObjects(root: z.core.$ZodType): SchemaObject[] {
  const found = new Map<z.core.$ZodType, SchemaObject>();
  visit(root, '', found);
  return [...found.values()];
}

function visit(
  schema: z.core.$ZodType,
  place: string,
  found: Map<z.core.$ZodType, SchemaObject>,
): void {
  for (const inner of alternatives(schema)) {
    if (inner instanceof z.ZodArray) visit(inner.element, `${place}[]`, found);
    if (!(inner instanceof z.ZodObject)) continue;
    const object: SchemaObject = found.get(inner) ?? { places: [], keys: inner.shape };
    found.set(inner, object);
    object.places.push(place);
    for (const [key, value] of Object.entries(object.keys)) {
      visit(value, place === '' ? key : `${place}.${key}`, found);
    }
  }
}

/** The words that a schema accepts where it accepts only certain ones. */
export function allowedWords(schema: z.core.$ZodType): string[] {
  return alternatives(schema).flatMap((inner) => {
    if (inner instanceof z.ZodEnum) return inner.options.map(String);
    return inner instanceof z.ZodLiteral ? [...inner.values].map(String) : [];
  });
}

/** What a value may be, below wrappers that change neither keys nor words. */
function alternatives(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return alternatives(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return [schema.in, schema.out].flatMap(alternatives);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives);
  return [schema];
}
