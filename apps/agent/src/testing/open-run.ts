import { create } from '@bufbuild/protobuf';
import {
  PROTOCOL_VERSION,
  PushQueue,
  type RunRequest,
  RunRequestSchema,
  type RunResponse,
} from '@sai3bench/barrier-protocol';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { connectTo } from './started-agent.ts';

type Command = RunRequest['command'];
type EventCase = NonNullable<RunResponse['event']['case']>;

/** A stage that does not end by itself. */
export const LONG =
  'target: "null:"\nduration: 60s\nconcurrency: 2\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]';

/** What a test may say of the start of a run. */
export interface StartSetup {
  readonly protocolVersion?: number;
  readonly reconnectGraceMs?: number;
}

/** What a test may say of coming back to a run. */
export interface AttachSetup {
  readonly lastSequence?: bigint;
  readonly controllerId?: string;
  readonly takesOver?: boolean;
}

/** One stream of a run on an agent: commands in, events out. The test is the controller. */
export class TestRun {
  readonly runId: string;
  readonly events: RunResponse[] = [];
  /** Everything that came, also what a test has taken out of `events`. */
  readonly received: RunResponse[] = [];
  /** Resolves when the stream is over, with the error that ended it. */
  readonly closed: Promise<unknown>;
  readonly close: () => void;
  readonly #requests = new PushQueue<RunRequest>();
  readonly #watchers = new Set<() => void>();
  #sequence: number;

  /** @param sequence of the last command that was sent over an earlier stream */
  constructor(address: string, runId: string, sequence: number) {
    const { client, close } = connectTo(address);
    this.runId = runId;
    this.close = close;
    this.#sequence = sequence;
    this.closed = this.#read(client.run(this.#requests));
  }

  /** Number of the last command. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Sends a command with the next number, or with one of the test's own. */
  send(command: Command, sequence = ++this.#sequence): void {
    this.#requests.push(create(RunRequestSchema, { command, sequence: BigInt(sequence) }));
  }

  start(
    yaml: string,
    { protocolVersion = PROTOCOL_VERSION, reconnectGraceMs }: StartSetup = {},
  ): void {
    const plan = planAgent(parseWorkload(yaml, 'w.yaml'), {
      agentId: 'agent-1',
      agentIndex: 0,
      agentCount: 1,
      entry: undefined,
      runId: this.runId,
      dataSeed: '1',
    });
    this.startWith(JSON.stringify(plan), protocolVersion, reconnectGraceMs);
  }

  startWith(planJson: string, protocolVersion = PROTOCOL_VERSION, reconnectGraceMs = 60_000): void {
    this.send({
      case: 'startRun',
      value: {
        $typeName: 'sai3bench.agent.v1.StartRun',
        runId: this.runId,
        agentId: 'agent-1',
        protocolVersion,
        controllerVersion: 'test',
        planJson,
        heartbeatIntervalMs: 200,
        startedAtMs: 1_771_457_009_000n,
        agentIds: [],
        controllerId: 'test',
        reconnectGraceMs,
        credentials: {},
      },
    });
  }

  attach({ controllerId = 'test', lastSequence = 0n, takesOver = false }: AttachSetup): void {
    const value = {
      $typeName: 'sai3bench.agent.v1.AttachRun',
      ...{ runId: this.runId, protocolVersion: PROTOCOL_VERSION, controllerVersion: 'test' },
      ...{ controllerId, lastSequence, takesOver },
    } as const;
    this.send({ case: 'attachRun', value }, 0);
  }

  acknowledge(sequence: bigint): void {
    const value = { $typeName: 'sai3bench.agent.v1.Acknowledge', sequence } as const;
    this.send({ case: 'acknowledge', value }, 0);
  }

  abort(reason = 'test'): void {
    const value = { $typeName: 'sai3bench.agent.v1.AbortRun', reason } as const;
    this.send({ case: 'abortRun', value });
  }

  load(stage: number): void {
    const value = {
      $typeName: 'sai3bench.agent.v1.LoadStage',
      ...{ stage, startOver: false, goOnWith: [] },
    } as const;
    this.send({ case: 'loadStage', value });
  }

  begin(stage: number): void {
    const value = {
      $typeName: 'sai3bench.agent.v1.BeginStage',
      ...{ stage, startAtMonotonicNs: process.hrtime.bigint() + 20_000_000n, pools: [] },
    } as const;
    this.send({ case: 'beginStage', value });
  }

  /** Waits for an event and takes it out of `events`; fails when the stream ends before. */
  until(wanted: EventCase): Promise<RunResponse> {
    return new Promise<RunResponse>((resolve, reject) => {
      const check = (): void => {
        const found = this.events.find(({ event }) => event.case === wanted);
        if (found === undefined) return;
        this.#watchers.delete(check);
        this.events.splice(this.events.indexOf(found), 1);
        resolve(found);
      };
      this.#watchers.add(check);
      check();
      void this.closed.then((error) => {
        reject(error instanceof Error ? error : new Error(`the stream ended without ${wanted}`));
      });
    });
  }

  async #read(responses: AsyncIterable<RunResponse>): Promise<unknown> {
    try {
      for await (const event of responses) {
        this.events.push(event);
        this.received.push(event);
        for (const watcher of this.#watchers) watcher();
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

/** Opens the first stream of a run; nothing is sent yet. */
export function openRun(address: string, runId = 'run'): TestRun {
  return new TestRun(address, runId, 0);
}

/** Opens a further stream of a run, over a connection of its own, and attaches to the run. */
export function attachTo(address: string, before: TestRun, setup: AttachSetup = {}): TestRun {
  const run = new TestRun(address, before.runId, before.sequence);
  run.attach({ lastSequence: before.received.at(-1)?.sequence ?? 0n, ...setup });
  return run;
}

/** Starts a long run on an agent; it is in the middle of a stage when this resolves. */
export async function startLongRun(address: string, setup: StartSetup = {}): Promise<TestRun> {
  const run = openRun(address);
  run.start(LONG, setup);
  await run.until('ready');
  run.load(1);
  await run.until('stageLoaded');
  run.begin(1);
  await run.until('stageProgress');
  return run;
}
