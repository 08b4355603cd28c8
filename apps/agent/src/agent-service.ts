import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import {
  AgentService,
  PROTOCOL_VERSION,
  type RunRequest,
  type RunResponse,
} from '@sai3bench/barrier-protocol';
import { BenchError, summarizeError, toErrorRecord } from '@sai3bench/errors';
import { AgentClock, hostClocks } from './agent-clock.ts';
import type { AgentSettings } from './agent-settings.ts';
import { admit } from './allowed/admission.ts';
import { busy, drivenByOther, noRun, refusedWork, refuseVersion } from './call-refusals.ts';
import type { AgentLog } from './console/agent-log.ts';
import { isGone } from './own-files/directory-owner.ts';
import { removeLeftovers } from './own-files/leftovers.ts';
import { PreflightCalls } from './preflight/preflight-calls.ts';
import type { EventStream } from './run/event-stream.ts';
import type { CommandOf } from './run/run-messages.ts';
import { RunSession } from './run/run-session.ts';
import { type Credentials, secretsAmong } from './secrets/credentials.ts';
import { VERSION } from './version.ts';

/** A stream of a run that a controller holds. */
interface OpenStream {
  readonly session: RunSession;
  readonly stream: EventStream;
}

/** A stream that ended before its first command. */
const NOTHING = { command: { case: undefined }, sequence: 0n } as const;

/** What an agent does for controllers: one run at a time. */
export class AgentServiceHandler {
  readonly #log: AgentLog;
  readonly #temporaryDirectory: string;
  readonly #settings: AgentSettings;
  readonly #clock: AgentClock;
  readonly #instanceId = randomUUID();
  readonly #preflights: PreflightCalls;
  #session: RunSession | undefined;
  /** The last run that has ended. */
  #lastSession: RunSession | undefined;

  /**
   * @param temporaryDirectory is where runs may keep files, and where what they have left is removed
   * @param settings what the agent was told when it was started
   */
  constructor(
    log: AgentLog,
    temporaryDirectory: string,
    settings: AgentSettings,
    clock = new AgentClock(hostClocks()),
  ) {
    this.#log = log;
    this.#temporaryDirectory = temporaryDirectory;
    this.#settings = settings;
    this.#clock = clock;
    this.#preflights = new PreflightCalls(log, settings);
    this.#removeLeftovers();
  }

  /** Adds the service to a Connect router. */
  readonly routes = (router: ConnectRouter): void => {
    router.service(AgentService, {
      getInfo: () => ({
        version: VERSION,
        protocolVersion: PROTOCOL_VERSION,
        hostname: hostname(),
        processId: process.pid,
        runId: this.#session?.start.runId ?? '',
        instanceId: this.#instanceId,
      }),
      syncClock: () => {
        const monotonicNs = this.#clock.monotonicNs();
        const unixUs = this.#clock.unixUs(monotonicNs);
        return { monotonicNs, unixNs: BigInt(Math.round(unixUs)) * 1000n };
      },
      preflight: (request, context) => this.#preflights.answer(request, context.signal),
      run: (requests, context) => this.#run(requests, context.signal),
      getRun: ({ runId }) => statusMessage(this.#sessionOf(runId)),
      stopRun: async ({ reason, runId }) => {
        const session = this.#sessionOf(runId);
        session.stopOnRequest(reason);
        await session.ended;
        return {};
      },
    });
  };

  /** Ends the run that is under way, if any; its controller is told the reason. */
  async stop(reason: string): Promise<void> {
    this.#session?.stop(reason);
    await Promise.all([this.#session?.ended, this.#preflights.stop()]);
  }

  async *#run(
    requests: AsyncIterable<RunRequest>,
    signal: AbortSignal,
  ): AsyncGenerator<RunResponse> {
    const commands = requests[Symbol.asyncIterator]();
    const first = await commands.next();
    const { command, sequence } = first.done === true ? NOTHING : first.value;
    if (command.case !== 'startRun' && command.case !== 'attachRun') {
      throw noRun();
    }
    const { session, stream } =
      command.case === 'startRun'
        ? await this.#start(command.value, sequence, signal)
        : this.#attach(command.value);
    const ended = (reason: string): void => {
      session.streamEnded(stream, reason);
    };
    const aborted = (): void => {
      ended('the connection broke');
    };
    signal.addEventListener('abort', aborted);
    void this.#pump(commands, session, ended);
    try {
      yield* stream;
    } finally {
      signal.removeEventListener('abort', aborted);
      ended('the stream ended');
    }
  }

  async #start(
    start: CommandOf<'startRun'>,
    sequence: bigint,
    signal: AbortSignal,
  ): Promise<OpenStream> {
    refuseVersion(start);
    this.#refuseSecond();
    const credentials = await this.#admit(start);
    // Meanwhile another may have started one, or this controller may have gone.
    this.#refuseSecond();
    signal.throwIfAborted();
    const session = this.#openSession(start, credentials);
    return { session, stream: session.open(Number(sequence)) };
  }

  #refuseSecond(): void {
    if (this.#session === undefined) return;
    throw busy(this.#session.start.runId);
  }

  #attach(attach: CommandOf<'attachRun'>): OpenStream {
    refuseVersion(attach);
    const session = this.#sessionOf(attach.runId);
    if (session.isDrivenByOther(attach.controllerId)) {
      throw drivenByOther(attach.runId);
    }
    return { session, stream: session.attach(attach) };
  }

  /** The run of an id: the one under way, or the last that has ended. */
  #sessionOf(runId: string): RunSession {
    for (const session of [this.#session, this.#lastSession]) {
      if (session?.start.runId === runId) return session;
    }
    throw new ConnectError(`the agent knows nothing of run ${runId}`, Code.NotFound);
  }

  #openSession(start: RunSession['start'], credentials: Credentials): RunSession {
    this.#removeLeftovers();
    const session = new RunSession(
      start,
      this.#log,
      this.#temporaryDirectory,
      this.#settings.workers,
      this.#clock,
      credentials,
    );
    this.#session = session;
    // What its controller does not have yet, it can still come for.
    const reveal = this.#log.secrets.conceal(secretsAmong(credentials));
    void session.ended.then(() => {
      reveal();
      this.#session = undefined;
      this.#lastSession = session;
    });
    return session;
  }

  async #admit(start: RunSession['start']): Promise<Credentials> {
    try {
      return await admit(start, this.#settings, this.#log);
    } catch (error) {
      const refusal = BenchError.from(error);
      // Of a text that is no plan the session tells the same, with what is wrong with it, and carries nothing out.
      if (refusal.code === 'PLAN_INVALID') return new Map();
      throw refusedWork(this.#log.secrets.maskMessage(toErrorRecord(refusal)));
    }
  }

  #removeLeftovers(): void {
    const options = { parent: this.#temporaryDirectory, nowMs: Date.now(), isGone };
    for (const { hadResults, owner, path } of removeLeftovers(options)) {
      const results = hadResults ? ', with results that no controller has taken over for days' : '';
      this.#log.info(
        `Removed ${path}, left by an earlier run (agent process ${String(owner.processId)})${results}`,
      );
    }
  }

  /** Passes commands on until the controller sends no more. */
  async #pump(
    commands: AsyncIterator<RunRequest>,
    session: RunSession,
    ended: (reason: string) => void,
  ): Promise<void> {
    try {
      for (let next = await commands.next(); next.done !== true; next = await commands.next()) {
        session.command(next.value);
      }
      ended('the controller has closed it');
    } catch (error) {
      ended(summarizeError(error));
    }
  }
}

function statusMessage({ start, status }: RunSession) {
  const { link, stage, state } = status;
  return {
    agentId: start.agentId,
    state,
    stage: stage?.index ?? 0,
    stageName: stage?.name ?? '',
    tasksDone: BigInt(stage?.tasksDone ?? 0),
    tasksTotal: BigInt(stage?.tasksTotal ?? 0),
    operations: BigInt(stage?.operations ?? 0),
    errors: BigInt(stage?.errors ?? 0),
    controllerConnected: link.isConnected,
    controllerSilentMs: link.silentMs,
    unacknowledged: link.unacknowledged,
  };
}
