import { BenchError } from '@sai3bench/errors';
import { normalizeWorkload } from './normalize.ts';
import { workloadSchema } from './schema/workload.ts';
import { semanticProblems } from './semantic-problems.ts';
import { configError } from './source/problem.ts';
import { schemaProblems } from './source/schema-problems.ts';
import { readYaml } from './source/yaml-source.ts';
import type { Workload } from './workload.ts';

/**
 * Reads a workload file.
 *
 * @param text the YAML
 * @param fileName what messages call the file
 * @throws BenchError `CONFIG_INVALID`, whose message lists every mistake as `file:line:column: what`
 */
export function parseWorkload(text: string, fileName: string): Workload {
  const source = readYaml(text.replace(/^\uFEFF/, ''));
  if (source.problems.length > 0) throw configError(fileName, source.problems);
  if (source.value === null || source.value === undefined) {
    throw new BenchError(`${fileName} is empty`, {
      code: 'CONFIG_INVALID',
      class: 'config',
      hint: 'examples/ has workload files to start from',
    });
  }
  const result = workloadSchema.safeParse(source.value);
  if (!result.success) {
    throw configError(fileName, schemaProblems(workloadSchema, source, result.error.issues));
  }
  const workload = normalizeWorkload(result.data);
  const problems = semanticProblems(result.data, workload);
  if (problems.length > 0) {
    throw configError(
      fileName,
      problems.map((problem) => ({ ...source.positionOf(problem.path), ...problem })),
    );
  }
  return workload;
}
