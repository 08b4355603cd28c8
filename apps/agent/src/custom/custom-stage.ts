import { mkdirSync, statSync } from 'node:fs';
import { toErrorRecord } from '@sai3bench/errors';
import { NO_GET_CHECKS, type StatsDelta } from '@sai3bench/stats';
import { makeDirectories } from '@sai3bench/store-uri';
import { formatCount } from '@sai3bench/units';
import type { StageCommand } from '@sai3bench/workload-config';
import {
  Alarm,
  CpuMeter,
  type HostEvent,
  monotonicClock,
  type StageReport,
} from '@sai3bench/workload-engine';
import type { AgentLog } from '../console/agent-log.ts';
import type { LookAtGroup } from './process-group.ts';
import { failureOf } from './program-failure.ts';
import { Program, type ProgramEnd } from './program.ts';

const INTERVAL_MS = 1_000;

/** A program does no operations that could be measured. */
const NOTHING: StatsDelta = { slots: [], operations: [], clamped: 0, getChecks: NO_GET_CHECKS };

/** What carrying out a custom stage needs. */
export interface CustomStageOptions {
  /** Its position in the plan. */
  readonly stage: number;
  readonly name: string;
  readonly command: StageCommand;
  /** Where the program works; made if it is missing. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: AgentLog;
  /** Told what the process that does the I/O tells of other stages. */
  readonly onEvent: (event: HostEvent) => void;
  readonly lookAtGroup?: LookAtGroup;
  /** Told which process group must not outlive the agent; undefined once it is gone. */
  readonly onGroup: (group: number | undefined) => void;
}

/** A stage that runs a program, on the agent itself: nothing of it touches the storage under test. */
export class CustomStage {
  readonly #options: CustomStageOptions;
  readonly #startAtNs: number;
  readonly #nowNs = monotonicClock();
  readonly #cpu = new CpuMeter();
  #alarm: Alarm;
  #program: Program | undefined;
  #interval = 0;
  #startedMs = 0;
  #stopped = false;

  /** @param startAtNs when the program is started, on the monotonic clock */
  constructor(options: CustomStageOptions, startAtNs: number) {
    this.#options = options;
    this.#startAtNs = startAtNs;
    this.#alarm = new Alarm(startAtNs, this.#nowNs, () => {
      this.#start();
    });
  }

  /** Ends it early: the program is asked to end, and killed when it does not. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#program !== undefined) this.#program.stop();
    else this.#end(undefined);
  }

  /** Kills the program; resolves when it is gone, or abandoned. */
  async kill(): Promise<void> {
    this.#stopped = true;
    this.#alarm.off();
    await this.#program?.kill();
  }

  #start(): void {
    const { command, directory, env, log, lookAtGroup, name, onGroup } = this.#options;
    this.#startedMs = this.#elapsedMs();
    try {
      makeDirectories(directory, { mkdir: (path) => mkdirSync(path, 0o700), stat: statSync });
    } catch (cause) {
      this.#end({ type: 'no-directory', cause });
      return;
    }
    try {
      this.#program = new Program({
        ...{ command, directory, env, lookAtGroup },
        onLine: (line) => {
          log.info(`${name}: ${line}`);
        },
      });
    } catch (cause) {
      this.#end({ type: 'not-started', cause });
      return;
    }
    onGroup(this.#program.group);
    this.#scheduleTick();
    void this.#program.ended.then((end) => {
      onGroup(undefined);
      this.#end(end);
    });
  }

  /** Ticks fall on whole seconds of the stage, however late a tick before was. */
  #scheduleTick(): void {
    const next = this.#interval + 1;
    this.#alarm = new Alarm(this.#startAtNs + next * INTERVAL_MS * 1e6, this.#nowNs, () => {
      this.#tell(next);
      this.#scheduleTick();
    });
  }

  #tell(interval: number): void {
    this.#interval = interval;
    const nothingDone = { tasksDone: 0, tasksTotal: 0, directoriesDone: 0, directoriesTotal: 0 };
    this.#options.onEvent({
      type: 'progress',
      stage: this.#options.stage,
      progress: {
        ...{ interval, elapsedMs: this.#elapsedMs(), stats: NOTHING, ...nothingDone },
        ...{ putOff: 0, inFlight: 0, endpoints: [], cpu: this.#cpu.read() },
      },
    });
  }

  #end(end: ProgramEnd | undefined): void {
    const { onEvent, stage } = this.#options;
    this.#alarm.off();
    this.#tellLeft(end);
    this.#tell(this.#interval + 1);
    const report: StageReport = {
      ...this.#verdictOf(end),
      ...{ stats: NOTHING, firstStartMs: this.#startedMs, lastEndMs: this.#elapsedMs() },
      ...{ tasksDone: 0, tasksTotal: 0, tasksExisted: 0 },
      ...{ errors: [], endpoints: [], stuckWorkers: 0 },
    };
    onEvent({ type: 'stage-ended', stage, report });
  }

  #verdictOf(end: ProgramEnd | undefined): Pick<StageReport, 'outcome' | 'failure'> {
    const { command } = this.#options;
    if (this.#stopped || end === undefined) return { outcome: 'stopped' };
    const failure = failureOf(end, {
      program: command.program,
      lastErrors: this.#program?.lastErrors ?? [],
    });
    if (failure === undefined) return { outcome: 'completed' };
    return { outcome: 'failed', failure: toErrorRecord(failure) };
  }

  /** Says what is not in the log, and what goes on though the stage is over. */
  #tellLeft(end: ProgramEnd | undefined): void {
    const { log, name } = this.#options;
    const leftOut = this.#program?.linesLeftOut ?? 0;
    if (leftOut > 0) log.warn(`${name}: ${formatCount(leftOut)} more lines are left out here`);
    if (end?.type !== 'abandoned') return;
    const processes = end.processes.map(({ command, id }) => `${command} (process ${String(id)})`);
    log.warn(
      `${name}: ${processes.join(', ')} could not be ended and was abandoned: it ends when the system call returns that it hangs in`,
    );
  }

  #elapsedMs(): number {
    return Math.max(0, (this.#nowNs() - this.#startAtNs) / 1e6);
  }
}
