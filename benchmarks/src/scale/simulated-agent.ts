import { create } from '@bufbuild/protobuf';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import {
  AgentService,
  PROTOCOL_VERSION,
  progressToWire,
  PushQueue,
  type RunRequest,
  type RunResponse,
  RunResponseSchema,
  summaryToWire,
} from '@sai3bench/barrier-protocol';
import { OperationStats, type StatsDelta } from '@sai3bench/stats';
import { type AgentPlan, parseAgentPlan } from '@sai3bench/workload-config';

type Command = RunRequest['command'];
type CommandOf<Case extends Command['case']> = Extract<Command, { case: Case }>['value'];

const SECOND_NS = 1_000_000_000n;

/** An agent that speaks the whole protocol, and reports work that it does not do. */
export class SimulatedAgent {
  readonly #version: string;
  readonly #deltas: readonly StatsDelta[];
  readonly #instanceId: string;
  #plan: AgentPlan | undefined;
  #events = new PushQueue<RunResponse>();
  #sequence = 0n;
  #lastCommand = 0n;
  #timer: NodeJS.Timeout | undefined;
  #heartbeats: NodeJS.Timeout | undefined;
  #total = new OperationStats();
  /** Which delta comes next. */
  #next: number;

  /**
   * @param version what it says that it is
   * @param deltas what it reports, one a second
   * @param number tells it from the others
   */
  constructor(version: string, deltas: readonly StatsDelta[], number: number) {
    this.#version = version;
    this.#deltas = deltas;
    this.#instanceId = `simulated-${String(process.pid)}-${String(number)}`;
    this.#next = number;
  }

  readonly routes = (router: ConnectRouter): void => {
    router.service(AgentService, {
      getInfo: () => ({
        version: this.#version,
        protocolVersion: PROTOCOL_VERSION,
        hostname: 'simulated',
        processId: process.pid,
        runId: '',
        instanceId: this.#instanceId,
      }),
      syncClock: () => ({
        monotonicNs: process.hrtime.bigint(),
        unixNs: BigInt(Date.now()) * 1_000_000n,
      }),
      preflight: async function* () {
        yield { result: { case: 'end', value: {} } };
      },
      run: (requests) => this.#run(requests),
    });
  };

  async *#run(requests: AsyncIterable<RunRequest>): AsyncGenerator<RunResponse> {
    this.#events = new PushQueue();
    this.#sequence = 0n;
    void this.#obey(requests);
    try {
      yield* this.#events;
    } finally {
      this.#silence();
    }
  }

  async #obey(requests: AsyncIterable<RunRequest>): Promise<void> {
    try {
      for await (const { command, sequence } of requests) {
        if (sequence !== 0n) this.#lastCommand = sequence;
        this.#command(command);
      }
    } catch (error) {
      // The controller has closed the stream, which ends the run.
      if (ConnectError.from(error).code !== Code.Canceled) console.error(error);
      this.#silence();
    }
  }

  #command(command: Command): void {
    switch (command.case) {
      case 'startRun':
        this.#start(command.value);
        return;
      case 'loadStage':
        this.#send({
          case: 'stageLoaded',
          value: {
            $typeName: 'sai3bench.agent.v1.StageLoaded',
            ...{ stage: command.value.stage, objectsExisting: 0n, objectsMissing: 0n, pools: [] },
          },
        });
        return;
      case 'beginStage':
        this.#begin(command.value);
        return;
      case 'abortRun':
      case 'finishRun':
        this.#send({
          case: 'runEnded',
          value: { $typeName: 'sai3bench.agent.v1.RunEnded', reason: '' },
        });
        this.#events.close();
        return;
      default:
        return;
    }
  }

  #start({ heartbeatIntervalMs, planJson }: CommandOf<'startRun'>): void {
    this.#plan = parseAgentPlan(planJson);
    this.#heartbeats = setInterval(() => {
      this.#send({ case: 'heartbeat', value: { $typeName: 'sai3bench.agent.v1.Heartbeat' } });
    }, heartbeatIntervalMs);
    this.#send({
      case: 'ready',
      value: {
        $typeName: 'sai3bench.agent.v1.RunReady',
        ...{ environmentJson: '{"kernel":"simulated"}', pools: [] },
      },
    });
  }

  #begin({ stage, startAtMonotonicNs }: CommandOf<'beginStage'>): void {
    this.#total = new OperationStats();
    const durationMs = this.#plan?.stages[stage]?.durationMs ?? 0;
    const until = (interval: number): void => {
      const leftNs = startAtMonotonicNs + BigInt(interval) * SECOND_NS - process.hrtime.bigint();
      this.#timer = setTimeout(
        () => {
          if (interval > 0) this.#report(stage, interval);
          if (interval * 1000 < durationMs) until(interval + 1);
          else this.#summarize(stage, durationMs);
        },
        Math.max(0, Number(leftNs) / 1e6),
      );
    };
    until(durationMs === 0 ? 0 : 1);
  }

  #report(stage: number, interval: number): void {
    const stats = this.#deltas[this.#next++ % this.#deltas.length];
    if (stats === undefined) return;
    this.#total.add(stats);
    this.#send({
      case: 'stageProgress',
      value: progressToWire(stage, {
        ...{ interval, elapsedMs: interval * 1000, stats, tasksDone: 0, tasksTotal: 0 },
        ...{ directoriesDone: 0, directoriesTotal: 0, putOff: 0, inFlight: 16, endpoints: [] },
        cpu: { userPct: 40, systemPct: 20, iowaitPct: 1 },
      }),
    });
  }

  #summarize(stage: number, durationMs: number): void {
    this.#send({
      case: 'stageSummary',
      value: summaryToWire(stage, {
        ...{ outcome: 'completed', stats: this.#total.toDelta(), firstStartMs: 0.1 },
        ...{ lastEndMs: durationMs, tasksDone: 0, tasksTotal: 0, tasksExisted: 0 },
        ...{ errors: [], endpoints: [], stuckWorkers: 0 },
      }),
    });
  }

  #send(event: RunResponse['event']): void {
    const sequence = ++this.#sequence;
    this.#events.push(
      create(RunResponseSchema, { sequence, lastCommand: this.#lastCommand, event }),
    );
  }

  #silence(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeats);
  }
}
