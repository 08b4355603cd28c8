import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTsv } from '@sai3bench/results-dir';

const COLUMNS = { GET: 'get_ops', PUT: 'put_ops', META: 'meta_ops' } as const;

/** Compares the rows of all performance logs with the tables of the stages; returns what is not equal. */
export function checkSums(
  results: string,
  stages: readonly string[],
  agentCount: number,
): string[] {
  const problems: string[] = [];
  const read = (...path: string[]) => parseTsv(readFileSync(join(results, ...path), 'utf8'));
  const agents = readdirSync(join(results, 'agents'));
  if (agents.length !== agentCount) problems.push(`${String(agents.length)} agents have results`);
  const total = read('perf_log.tsv');
  const ofAgents = agents.flatMap((agent) => read('agents', agent, 'perf_log.tsv'));
  for (const [index, stage] of stages.entries()) {
    const file = `${String(index + 1).padStart(2, '0')}_${stage}_results.tsv`;
    const text = readFileSync(join(results, file), 'utf8');
    const table = parseTsv(text.split('# Per-Agent')[0] ?? '');
    for (const [operation, column] of Object.entries(COLUMNS)) {
      const expected = Number(
        table.find((row) => row['operation'] === operation && row['size_bucket'] === 'ALL')?.[
          'count'
        ] ?? 0,
      );
      for (const [what, rows] of [
        ['perf_log.tsv', total],
        ['agents/*/perf_log.tsv', ofAgents],
      ] as const) {
        const sum = rows
          .filter((row) => row['stage'] === stage)
          .reduce((all, row) => all + Number(row[column]), 0);
        if (sum !== expected || expected === 0) {
          problems.push(
            `${stage}: ${String(sum)} ${operation} in ${what}, ${String(expected)} in ${file}`,
          );
        }
      }
    }
  }
  return problems;
}
