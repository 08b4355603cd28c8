import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTsv } from '@sai3bench/results-dir';

/** Reads a file of a results directory. */
export function readResult(results: string, name: string): string {
  return readFileSync(join(results, name), 'utf8');
}

/** The first table of a stage file, by operation and bucket. */
export function stageRows(results: string, name: string): Record<string, string>[] {
  const [table = ''] = readResult(results, name).split('# Per-Agent Details');
  return parseTsv(table);
}

/** The count of an operation over all sizes in a stage file. */
export function countOf(results: string, name: string, operation: string): number {
  const row = stageRows(results, name).find(
    (each) => each['operation'] === operation && each['size_bucket'] === 'ALL',
  );
  return Number(row?.['count'] ?? 0);
}

/** The ids of the agents that left results. */
export function agentsOf(results: string): string[] {
  return readdirSync(join(results, 'agents')).toSorted();
}
