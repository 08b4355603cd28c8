import type { PlainErrorGroup } from '@sai3bench/barrier-protocol';

/** Adds up groups of one kind of failure, wherever it happened; the most frequent first. */
export function mergeErrorGroups(groups: readonly PlainErrorGroup[]): PlainErrorGroup[] {
  const merged = new Map<string, PlainErrorGroup>();
  for (const group of groups) {
    const kind = [group.operation, group.class, group.code].join(' ');
    const known = merged.get(kind);
    if (known === undefined) {
      merged.set(kind, group);
      continue;
    }
    const first = known.firstAtMs <= group.firstAtMs ? known : group;
    merged.set(kind, {
      ...first,
      count: known.count + group.count,
      lastAtMs: Math.max(known.lastAtMs, group.lastAtMs),
    });
  }
  return [...merged.values()].toSorted((a, b) => b.count - a.count);
}
