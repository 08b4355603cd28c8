import type { PlainFinding } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { AgentPlan } from '@sai3bench/workload-config';
import { findProgram } from './find-program.ts';

type Programs = Pick<AgentPlan, 'stages'>;

/**
 * Refuses a plan with programs where none may be run.
 *
 * @param allowed whether the agent was started with `--allow-exec`
 * @throws BenchError `PLAN_FORBIDDEN`
 */
export function refusePrograms({ stages }: Programs, allowed: boolean): void {
  const stage = stages.find(({ command }) => command !== undefined);
  if (stage?.command === undefined || allowed) return;
  throw new BenchError(
    `this agent may not run programs, and stage ${stage.name} runs ${stage.command.program}`,
    {
      code: 'PLAN_FORBIDDEN',
      class: 'permission',
      hint: 'start the agent with --allow-exec if whoever controls it may run programs with its rights, or remove the stage; sai3bench-ctl run --allow-exec is for the agent that it starts itself',
    },
  );
}

/**
 * Whether the programs of a plan are there, as findings of the checks before a run.
 *
 * @param searchPath the directories in which programs are looked for, as in `PATH`
 */
export function programFindings({ stages }: Programs, searchPath: string): PlainFinding[] {
  return stages.flatMap(({ command, name, optional }) =>
    command === undefined ? [] : [programFinding(name, command.program, optional, searchPath)],
  );
}

function programFinding(
  stage: string,
  program: string,
  isOptional: boolean,
  searchPath: string,
): PlainFinding {
  const common = { class: 'CONFIG', check: 'program', target: '' } as const;
  const path = findProgram(program, searchPath);
  if (path !== undefined) {
    return { ...common, level: 'success', message: `stage ${stage} runs ${path}` };
  }
  const message = `stage ${stage} runs ${program}, which is not there or not executable`;
  return {
    ...common,
    ...(isOptional
      ? {
          level: 'warning',
          message: `${message}: it will fail, and as it is optional the run goes on`,
        }
      : { level: 'error', message }),
    hint: 'install it on the agent, or give its absolute path if it is not in the PATH of the agent',
  };
}
