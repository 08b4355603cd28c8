import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import type { AgentPlan } from './plan/agent-plan.ts';
import { planAgent } from './plan/plan-agent.ts';
import { PlanProblem } from './plan/plan-problem.ts';
import type { WorkloadInput } from './schema/workload.ts';
import type { Problem } from './source/problem.ts';
import { durationOf } from './stages.ts';
import { runsMix } from './workload/stage.ts';
import type { MultiEndpoint, Workload } from './workload/workload.ts';

/** A mistake whose line is not known yet. */
export type Unplaced = Pick<Problem, 'path' | 'message'>;

/** Mistakes that no single key shows: parts of the file that do not fit together. */
export function semanticProblems(input: WorkloadInput, workload: Workload): Unplaced[] {
  return [
    ...stageProblems(input, workload),
    ...durationProblems(input, workload),
    ...timeoutProblems(input),
    ...deleteProblems(workload),
    ...endpointProblems(workload.multiEndpoint, ['multi_endpoint']),
    ...workload.agents.flatMap((agent, index) =>
      endpointProblems(agent.multiEndpoint, ['distributed', 'agents', index, 'multi_endpoint']),
    ),
    ...planProblems(workload),
  ];
}

function stageProblems(input: WorkloadInput, workload: Workload): Unplaced[] {
  const problems: Unplaced[] = [];
  const path = workload.stagesDerived ? [] : ['distributed', 'stages'];
  const kinds = new Set(workload.stages.map(({ kind }) => kind));
  if (workload.stages.length === 0) {
    problems.push({ path, message: 'stages must not be empty: leave the key out to derive them' });
  }
  if (workload.cleanup.only) return [...problems, ...cleanupOnlyProblems(workload)];
  if (workload.stagesDerived && !kinds.has('prepare') && !kinds.has('execute')) {
    problems.push({
      path,
      message: 'there is nothing to do: add operations under workload, or prepare.ensure_objects',
    });
  }
  const mixed = workload.stages.find(({ kind }) => runsMix(kind))?.kind;
  if (mixed !== undefined && workload.operations.length === 0) {
    problems.push({
      path: 'workload' in input ? ['workload'] : path,
      message: `workload needs at least one operation with a weight above 0, for the ${mixed} stage`,
    });
  }
  if (kinds.has('prepare') && workload.ensureObjects.length === 0) {
    problems.push({
      path: ['prepare'],
      message: 'prepare.ensure_objects needs at least one entry, for the prepare stage',
    });
  }
  return problems;
}

/** A run that does nothing but clean up needs to be told what. */
function cleanupOnlyProblems({ ensureObjects }: Workload): Unplaced[] {
  if (ensureObjects.length > 0) return [];
  return [
    {
      path: ['prepare', 'cleanup_only'],
      message: 'a run that only cleans up needs prepare.ensure_objects, which say what to delete',
    },
  ];
}

/** A measurement that would end as it begins. Without stages, a duration of 0 means that there is none. */
function durationProblems(input: WorkloadInput, workload: Workload): Unplaced[] {
  const stage = workload.stages.find(({ durationMs }) => durationMs === 0);
  if (stage === undefined) return [];
  return [
    {
      path: 'duration' in input ? ['duration'] : [],
      message: `duration is 0, but the ${stage.kind} stage "${stage.name}" has no ${stage.kind === 'hybrid' ? 'max_duration' : 'duration'} of its own: raise it, or give the stage one`,
    },
  ];
}

/** Stages that could not end in time. */
function timeoutProblems({ distributed, duration }: WorkloadInput): Unplaced[] {
  return (distributed?.stages ?? []).flatMap((stage, index) => {
    const durationMs = durationOf(stage, duration);
    if (durationMs === undefined || stage.timeout_secs === undefined) return [];
    if (stage.timeout_secs > durationMs) return [];
    return [
      {
        path: ['distributed', 'stages', index, 'timeout_secs'],
        message: `timeout_secs must be longer than the stage "${stage.name}" lasts: it would never end in time`,
      },
    ];
  });
}

/** Deletions that would find nothing: a run deletes only what it has prepared itself. */
function deleteProblems({ ensureObjects, operations, stages }: Workload): Unplaced[] {
  const operation = operations.find(
    (each) => each.op === 'delete' || (each.op === 'rmdir' && each.recursive),
  );
  // Without anything to prepare, the path of the operation is the mistake.
  if (operation === undefined || ensureObjects.length === 0) return [];
  let prepared = false;
  for (const { kind, name } of stages) {
    if (runsMix(kind) && !prepared) {
      return [
        {
          path: ['workload', operation.entry, 'op'],
          message: `${operation.op} works on objects that this run has prepared, but there are none yet when the stage "${name}" begins: put a prepare stage before it`,
        },
      ];
    }
    if (kind === 'prepare') prepared = true;
    if (kind === 'cleanup') prepared = false;
  }
  return [];
}

function endpointProblems(
  multiEndpoint: MultiEndpoint | undefined,
  path: readonly PropertyKey[],
): Unplaced[] {
  if (multiEndpoint === undefined) return [];
  const { breaker, endpoints, namespace, strategy, weights } = multiEndpoint;
  const problems: Unplaced[] = [];
  const schemes = new Set(endpoints.map((endpoint) => parseStoreUri(endpoint).scheme));
  if (schemes.size > 1) {
    problems.push({
      path: [...path, 'endpoints'],
      message: `endpoints must be of one type, but are of different ones: ${[...schemes].join(', ')}`,
    });
  }
  if (namespace === 'separate' && strategy !== 'round_robin') {
    problems.push({
      path: [...path, 'strategy'],
      message: `there is nothing to choose where namespace is separate: the endpoint of an object is fixed; remove strategy`,
    });
  } else if (strategy === 'weighted' && weights === undefined) {
    problems.push({
      path: [...path, 'strategy'],
      message: 'weighted needs weights: write endpoints as {uri: s3://host:9000/bench/, weight: 2}',
    });
  } else if (strategy !== 'weighted' && weights !== undefined) {
    problems.push({
      path: [...path, 'endpoints'],
      message: `weights have no effect with ${strategy}: write strategy: weighted, or remove them`,
    });
  }
  if (breaker.longestPauseMs < breaker.pauseMs) {
    problems.push({
      path: [...path, 'circuit_breaker'],
      message: 'longest_pause must not be shorter than pause',
    });
  }
  return problems;
}

/** What goes wrong when the plans of the agents are made; one plan stands for all that are alike. */
function planProblems(workload: Workload): Unplaced[] {
  try {
    return fsyncProblems(planNamedAgents(workload));
  } catch (error) {
    if (error instanceof PlanProblem) return [unplaced(error)];
    throw error;
  }
}

/** A promise that no store can keep. */
function fsyncProblems(plans: readonly AgentPlan[]): Unplaced[] {
  if (!plans.some(({ fsync }) => fsync)) return [];
  const schemes = new Set(
    plans
      .flatMap(({ stores }) => stores.flatMap(({ endpoints }) => endpoints))
      .map((endpoint) => parseStoreUri(endpoint))
      .map((uri) => (isFileUri(uri) ? 'files' : uri.scheme)),
  );
  if (schemes.has('files')) return [];
  return [
    {
      path: ['fsync'],
      message: `fsync flushes files, but there are none: the storage is ${[...schemes].join(' and ')}; remove fsync, or use file:// or direct:// addresses`,
    },
  ];
}

/** A mistake that was found while planning. */
export function unplaced({ message, path }: PlanProblem): Unplaced {
  return { path, message };
}

/**
 * The plans of the agents that the file names, or of one if it names none.
 *
 * @throws PlanProblem when there is none
 */
export function planNamedAgents(workload: Workload): AgentPlan[] {
  const agents = workload.agents.length > 0 ? workload.agents : [undefined];
  return agents.map((entry, agentIndex) =>
    planAgent(workload, {
      agentId: entry?.id ?? `agent-${String(agentIndex + 1)}`,
      agentIndex,
      agentCount: agents.length,
      entry,
      runId: '',
      dataSeed: '0',
    }),
  );
}
