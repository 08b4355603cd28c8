import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import {
  AgentService,
  findingToWire,
  PROTOCOL_VERSION,
  type RunRequest,
  type RunResponse,
} from '@sai3bench/barrier-protocol';
import { formatError, summarizeError } from '@sai3bench/errors';
import type { AgentLog } from './agent-log.ts';
import { isGone } from './directory-owner.ts';
import { removeLeftovers } from './leftovers.ts';
import { checkPlanInProcess } from './preflight-session.ts';
import { RunSession } from './run-session.ts';
import { VERSION } from './version.ts';

/** What an agent does for controllers: one run at a time. */
export class AgentServiceHandler {
  readonly #log: AgentLog;
  readonly #temporaryDirectory: string;
  readonly #workers: number | undefined;
  readonly #instanceId = randomUUID();
  #session: RunSession | undefined;

  /**
   * @param temporaryDirectory is where runs may keep files, and where what they have left is removed
   * @param workers worker threads to use, where the plan leaves the choice
   */
  constructor(log: AgentLog, temporaryDirectory: string, workers?: number) {
    this.#log = log;
    this.#temporaryDirectory = temporaryDirectory;
    this.#workers = workers;
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
      syncClock: () => ({
        monotonicNs: process.hrtime.bigint(),
        unixNs: BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)),
      }),
      preflight: (request, context) => this.#preflight(request.planJson, context.signal),
      run: (requests, context) => this.#run(requests, context.signal),
    });
  };

  /** Ends the run that is under way, if any; its controller is told the reason. */
  async stop(reason: string): Promise<void> {
    this.#session?.stop(reason);
    await this.#session?.ended;
  }

  async *#preflight(planJson: string, signal: AbortSignal) {
    this.#log.debug('Running the checks before a run');
    try {
      for await (const finding of checkPlanInProcess(planJson, this.#workers, signal)) {
        this.#log.debug(`Check ${finding.check}: ${finding.level}: ${finding.message}`);
        yield { result: { case: 'finding' as const, value: findingToWire(finding) } };
      }
      yield { result: { case: 'end' as const, value: {} } };
    } catch (error) {
      throw new ConnectError(formatError(error), Code.InvalidArgument);
    }
  }

  async *#run(
    requests: AsyncIterable<RunRequest>,
    signal: AbortSignal,
  ): AsyncGenerator<RunResponse> {
    const commands = requests[Symbol.asyncIterator]();
    const first = await commands.next();
    const command = first.done === true ? undefined : first.value.command;
    if (command?.case !== 'startRun') {
      throw new ConnectError('the first command of a run must be its start', Code.InvalidArgument);
    }
    const session = this.#openSession(command.value);
    const linkLost = (): void => {
      session.linkLost();
    };
    signal.addEventListener('abort', linkLost);
    void this.#pump(commands, session, linkLost);
    try {
      yield* session.events;
    } finally {
      signal.removeEventListener('abort', linkLost);
      session.linkLost();
      await session.ended;
    }
  }

  #openSession(start: RunSession['start']): RunSession {
    if (start.protocolVersion !== PROTOCOL_VERSION) {
      throw new ConnectError(
        `controller ${start.controllerVersion} speaks protocol ${String(start.protocolVersion)}, this agent (${VERSION}) speaks ${String(PROTOCOL_VERSION)}`,
        Code.FailedPrecondition,
      );
    }
    if (this.#session !== undefined) {
      throw new ConnectError(
        `the agent is busy with run ${this.#session.start.runId}`,
        Code.ResourceExhausted,
      );
    }
    this.#removeLeftovers();
    const session = new RunSession(start, this.#log, this.#temporaryDirectory, this.#workers);
    this.#session = session;
    void session.ended.then(() => {
      this.#session = undefined;
    });
    return session;
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
    linkLost: () => void,
  ): Promise<void> {
    try {
      for (let next = await commands.next(); next.done !== true; next = await commands.next()) {
        session.command(next.value);
      }
      linkLost();
    } catch (error) {
      this.#log.debug(`The controller's stream ended: ${summarizeError(error)}`);
      linkLost();
    }
  }
}
