import { BenchError } from '@sai3bench/errors';
import { parseStoreUri } from '@sai3bench/store-uri';
import { normalizeWorkload } from './normalize.ts';
import type { AgentPlan } from './plan/agent-plan.ts';
import { crowdedDirectories } from './plan/plan-limits.ts';
import { PlanProblem } from './plan/plan-problem.ts';
import { s3Notes } from './plan/s3-notes.ts';
import { prepare } from './schema/prepare.ts';
import { type WorkloadInput, workloadSchema } from './schema/workload.ts';
import { planNamedAgents, semanticProblems, type Unplaced, unplaced } from './semantic-problems.ts';
import type { SizeFile, SizesOfFile, SizeSource } from './sizes/size-file.ts';
import { configError, type Problem } from './source/problem.ts';
import { refusedKeys } from './source/refused-keys.ts';
import { schemaProblems } from './source/schema-problems.ts';
import { readYaml, type YamlSource } from './source/yaml-source.ts';
import { verifyingStages } from './stages.ts';
import type { Workload } from './workload/workload.ts';

/** What the command line says beside a workload file. */
export interface WorkloadOverrides {
  /** Only deletes what earlier runs of the file have made. */
  readonly cleanupOnly?: boolean;
  /** Only compares what earlier runs of the file have prepared with what they wrote. */
  readonly verifyOnly?: boolean;
}

/**
 * Reads a workload file.
 *
 * @param text the YAML
 * @param fileName what messages call the file
 * @param sizesOfFile what the files that {@link sizeFilesOf} names say
 * @param overrides what counts more than the file
 * @throws BenchError `CONFIG_INVALID`, whose message lists every mistake as `file:line:column: what`
 */
export function parseWorkload(
  text: string,
  fileName: string,
  sizesOfFile: SizesOfFile = () => undefined,
  overrides: WorkloadOverrides = {},
): Workload {
  const source = readYaml(withoutMark(text));
  if (source.problems.length > 0) throw configError(fileName, source.problems);
  if (source.value === null || source.value === undefined) {
    throw new BenchError(`${fileName} is empty`, {
      code: 'CONFIG_INVALID',
      class: 'config',
      hint: 'examples/ has workload files to start from',
    });
  }
  const result = workloadSchema.safeParse(source.value);
  const refused = refusedKeys(source);
  if (!result.success) {
    const found = schemaProblems(workloadSchema, source, result.error.issues);
    throw configError(fileName, [...refused, ...found.filter(isOutside(refused))]);
  }
  if (refused.length > 0) throw configError(fileName, refused);
  const input = overridden(result.data, overrides);
  const workload = understand(input, source, fileName, sizesOfFile);
  return overrides.verifyOnly === true ? verifying(input, workload, fileName) : workload;
}

/** The files that a workload takes sizes from; none when it cannot be read itself. */
export function sizeFilesOf(text: string): SizeFile[] {
  const { value } = readYaml(withoutMark(text));
  const { data } = workloadSchema.safeParse(value);
  const sources: readonly (SizeSource | undefined)[] = [
    ...(data?.prepare?.ensure_objects ?? []),
    ...(data?.workload ?? []).flatMap((operation) => (operation.op === 'put' ? [operation] : [])),
  ].flatMap(({ size_distribution, size_spec }) => [size_spec, size_distribution]);
  return sources.filter((source) => source !== undefined && 'file' in source);
}

function overridden(input: WorkloadInput, { cleanupOnly }: WorkloadOverrides): WorkloadInput {
  if (cleanupOnly !== true) return input;
  // A file that prepares nothing must be refused then, not run.
  return { ...input, prepare: { ...(input.prepare ?? prepare.parse({})), cleanup_only: true } };
}

/** The same workload, of which the operations are not carried out. They still say which pools there are. */
function verifying(input: WorkloadInput, workload: Workload, fileName: string): Workload {
  const refuse = (message: string, hint: string): BenchError =>
    new BenchError(message, { code: 'CONFIG_INVALID', class: 'config', hint });
  if (workload.ensureObjects.length === 0) {
    throw refuse(
      `${fileName} has no prepared objects that could be verified`,
      'verify compares the objects of prepare.ensure_objects: name them as the run that made them did',
    );
  }
  if (planNamedAgents(workload).some(preparesNothing)) {
    throw refuse(
      `${fileName} prepares objects on null://, which keeps none that could be verified`,
      'verify compares what a storage returns with what was written: give the address of a storage',
    );
  }
  return { ...workload, verify: 'full', stages: verifyingStages(input) };
}

/** Whether any set of prepared objects lies where nothing is kept. */
function preparesNothing({ pools, stores }: AgentPlan): boolean {
  return pools.some(({ store }) =>
    stores[store]?.endpoints.some((endpoint) => parseStoreUri(endpoint).scheme === 'null'),
  );
}

function understand(
  input: WorkloadInput,
  source: YamlSource,
  fileName: string,
  sizesOfFile: SizesOfFile,
): Workload {
  const refuse = (problems: readonly Unplaced[]): BenchError =>
    configError(
      fileName,
      problems.map((problem) => ({ ...source.positionOf(problem.path), ...problem })),
    );
  try {
    const workload = normalizeWorkload(input, sizesOfFile);
    const problems = semanticProblems(input, workload);
    if (problems.length > 0) throw refuse(problems);
    const plans = planNamedAgents(workload);
    const [plan] = plans;
    const notes = [...(plan === undefined ? [] : crowdedDirectories(plan)), ...s3Notes(plans)];
    return { ...workload, notes: [...workload.notes, ...notes] };
  } catch (error) {
    if (error instanceof PlanProblem) throw refuse([unplaced(error)]);
    throw error;
  }
}

/** A test for mistakes that are not in the value of a key that is refused anyway. */
function isOutside(refused: readonly Problem[]): (problem: Problem) => boolean {
  return ({ path }) =>
    !refused.some((other) => other.path.every((step, depth) => step === path[depth]));
}

/** YAML without the byte order mark that some editors begin a file with. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}
