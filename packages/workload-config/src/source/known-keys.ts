import { z } from 'zod';

/**
 * The keys that a schema knows at some place of a value, to suggest one for a misspelt key.
 *
 * @param value the whole value, by which alternatives are told apart
 */
export function knownKeysAt(
  schema: z.core.$ZodType,
  value: unknown,
  path: readonly PropertyKey[],
): string[] {
  return objectSchemasAt(schema, value, path).flatMap(({ shape }) => Object.keys(shape));
}

/**
 * The object schemas that may describe some place of a value: several where alternatives cannot be told apart.
 *
 * @param value the whole value
 */
export function objectSchemasAt(
  schema: z.core.$ZodType,
  value: unknown,
  path: readonly PropertyKey[],
): z.ZodObject[] {
  const objects = objectSchemas(schema, value);
  const [step, ...rest] = path;
  if (step === undefined) return objects;
  const child = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return objectSchemasAt(inner.element, child, rest);
  return objects.flatMap(({ shape }) => {
    const next = (shape as Record<string, z.core.$ZodType | undefined>)[String(step)];
    return next === undefined ? [] : objectSchemasAt(next, child, rest);
  });
}

/** The object schemas that may describe a value: of a union, those whose discriminator fits. */
function objectSchemas(schema: z.core.$ZodType, value: unknown): z.ZodObject[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return [inner];
  if (!(inner instanceof z.ZodUnion)) return [];
  const options = inner.options.flatMap((option) => objectSchemas(option, value));
  const fitting = options.filter((option) => fitsDiscriminator(option, value));
  return fitting.length > 0 ? fitting : options;
}

function fitsDiscriminator(option: z.ZodObject, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(option.shape).some(
    ([key, field]) =>
      field instanceof z.ZodLiteral &&
      field.values.has((value as Record<string, string>)[key] ?? ''),
  );
}

/** The schema below wrappers that do not change which keys there are. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return unwrap(schema.unwrap());
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  return schema;
}
