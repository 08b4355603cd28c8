import { UNSUPPORTED_KEYS } from './peer-keys.ts';
import { formatPath, type Problem } from './problem.ts';
import type { YamlSource } from './yaml-source.ts';

/** Keys of a file that are not supported yet, whether or not the schema knows them already. */
export function refusedKeys(source: YamlSource): Problem[] {
  return Object.entries(UNSUPPORTED_KEYS).flatMap(([place, keys]) =>
    valuesAt(source.value, place === '' ? [] : place.split('.')).flatMap(({ path, value }) =>
      keys
        .filter((key) => Object.hasOwn(value, key))
        .map((key) => ({
          ...source.keyPositionOf([...path, key]),
          path: [...path, key],
          message: `"${key}"${path.length === 0 ? '' : ` in ${formatPath(path)}`} is not supported yet: remove it to run without it`,
        })),
    ),
  );
}

/** A path with `*` for every list index: the form in which the tables of keys are written. */
export function patternOf(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === 'number' ? '*' : String(step))).join('.');
}

interface Place {
  readonly path: readonly PropertyKey[];
  readonly value: object;
}

/** The maps at a place; several where a step is `*`. */
function valuesAt(root: unknown, steps: readonly string[]): Place[] {
  return steps.reduce<Place[]>(
    (places, step) =>
      places.flatMap(({ path, value }) => {
        if (step !== '*') return placeOf([...path, step], (value as Record<string, unknown>)[step]);
        return Array.isArray(value)
          ? value.flatMap((item, index) => placeOf([...path, index], item))
          : [];
      }),
    placeOf([], root),
  );
}

function placeOf(path: readonly PropertyKey[], value: unknown): Place[] {
  return typeof value === 'object' && value !== null ? [{ path, value }] : [];
}
