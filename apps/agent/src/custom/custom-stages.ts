import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import type { AgentPlan, StagePlan } from '@sai3bench/workload-config';
import type { HostCommand } from '@sai3bench/workload-engine';
import { CUSTOM_DIRECTORY } from '../own-files/run-files.ts';
import { CustomStage, type CustomStageOptions } from './custom-stage.ts';

/** What the control link is locked with is none of a program's business. */
const KEPT_BACK = ['SAI3BENCH_TOKEN'];

/** What the custom stages of a run need. */
export interface CustomStagesOptions extends Pick<
  CustomStageOptions,
  'env' | 'log' | 'onEvent' | 'onGroup'
> {
  readonly plan: Pick<AgentPlan, 'agentId' | 'runId' | 'stages'>;
  /** The run's own directory; undefined when it has none. */
  readonly directory: string | undefined;
}

/** The stages of a run that the agent carries out itself, in place of the process that does the I/O. */
export class CustomStages {
  readonly #options: CustomStagesOptions;
  #running: CustomStage | undefined;

  constructor(options: CustomStagesOptions) {
    this.#options = options;
  }

  /**
   * Carries out a command that is about a custom stage.
   *
   * @returns whether it was
   * @throws BenchError `CUSTOM_NO_DIRECTORY` when there is no place to run a program in
   */
  take(command: HostCommand): boolean {
    if (command.type !== 'load-stage' && command.type !== 'begin-stage') return false;
    const { onEvent, plan } = this.#options;
    const stage = plan.stages[command.stage];
    if (stage?.command === undefined) return false;
    if (command.type === 'load-stage') {
      const nothing = { existing: 0, missing: 0, pools: [] };
      // As if it had come from another process: whoever has sent the command is not ready for the answer yet.
      queueMicrotask(() => {
        onEvent({ type: 'stage-loaded', stage: command.stage, ...nothing });
      });
    } else {
      this.#begin(command.stage, stage, stage.command, command.startAtNs);
    }
    return true;
  }

  /** Ends the stage that runs, with what it has done; its end is told as any other. */
  stop(): void {
    this.#running?.stop();
  }

  /** Kills what runs; resolves when it is gone, or abandoned. */
  async kill(): Promise<void> {
    await this.#running?.kill();
  }

  #begin(
    index: number,
    { name }: StagePlan,
    command: CustomStageOptions['command'],
    startAtNs: number,
  ): void {
    const { directory, env, log, onEvent, onGroup, plan } = this.#options;
    if (directory === undefined) {
      throw new BenchError(`stage ${name} has no directory to run its program in`, {
        code: 'CUSTOM_NO_DIRECTORY',
        class: 'resource',
        hint: 'make room in the temporary directory of the agent, or set TMPDIR to another',
      });
    }
    const about = { runId: plan.runId, agentId: plan.agentId, stage: name };
    this.#running = new CustomStage(
      {
        ...{ stage: index, name, command, log, onGroup },
        directory: join(directory, CUSTOM_DIRECTORY),
        env: environmentOf(env, about),
        onEvent: (event) => {
          if (event.type === 'stage-ended') this.#running = undefined;
          onEvent(event);
        },
      },
      startAtNs,
    );
  }
}

/** The environment of a program: the agent's, and where it is. */
function environmentOf(
  env: NodeJS.ProcessEnv,
  about: { readonly runId: string; readonly agentId: string; readonly stage: string },
): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !KEPT_BACK.includes(name))),
    SAI3BENCH_RUN_ID: about.runId,
    SAI3BENCH_AGENT_ID: about.agentId,
    SAI3BENCH_STAGE: about.stage,
  };
}
