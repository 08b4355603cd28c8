import { Code, ConnectError } from '@connectrpc/connect';
import {
  ErrorDetailSchema,
  errorFromWire,
  type GetInfoResponse,
  type GetRunResponse,
  type PlainPreflight,
  type PlainPreflightAnswer,
  preflightAnswerFromWire,
  preflightToWire,
  type RunRequest,
} from '@sai3bench/barrier-protocol';
import { BenchError, fromErrorRecord } from '@sai3bench/errors';
import type { AgentClockReading } from '../team/member-clock.ts';
import type { AgentConnection } from './agent-connection.ts';
import { LED_BY_OTHER } from './agent-errors.ts';
import { credentialsOf, type ForwardedCredentials } from './forwarded-credentials.ts';
import { RunStream, type RunStreamOptions } from './run-stream.ts';

/** In what the system says of a name that has no address. */
const NO_SUCH_HOST = /ENOTFOUND|EAI_AGAIN/;
/** Nobody refuses the connection, so that there is little reason to start another agent. */
const SILENT_HINT =
  'its process stands still (it was stopped, or its host is overloaded), or the network drops what is sent to it: see its terminal, and the address';

/** One agent, as the coordinator talks to it. */
export class AgentLink {
  readonly id: string;
  readonly address: string;
  readonly #connection: AgentConnection;
  readonly #reconnect: () => AgentConnection;
  #stream: RunStream | undefined;

  /** @param connect opens a connection to the agent */
  constructor(id: string, address: string, connect: () => AgentConnection) {
    this.id = id;
    this.address = address;
    this.#reconnect = connect;
    this.#connection = connect();
  }

  /**
   * Who the agent is.
   *
   * @throws BenchError `AGENT_UNREACHABLE` when it does not answer in time
   */
  async info(timeoutMs: number): Promise<GetInfoResponse> {
    try {
      return await this.#connection.client.getInfo({}, { timeoutMs });
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /**
   * Reads the agent's clocks once.
   *
   * @param nowNs our monotonic clock
   * @throws BenchError `AGENT_UNREACHABLE` when it does not answer in time
   */
  async readClock(nowNs: () => number, timeoutMs: number): Promise<AgentClockReading> {
    try {
      const sentNs = nowNs();
      const answer = await this.#connection.client.syncClock({}, { timeoutMs });
      return {
        sentNs,
        remoteNs: Number(answer.monotonicNs),
        receivedNs: nowNs(),
        remoteUnixUs: Number(answer.unixNs / 1000n),
      };
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /**
   * Has the agent check its plan, or do a step of the probe of shared storage; yields what it finds.
   *
   * @param credentials for the storage, where the agent is to use those of the controller
   */
  async *preflight(
    asked: PlainPreflight,
    signal: AbortSignal,
    credentials?: ForwardedCredentials,
  ): AsyncGenerator<PlainPreflightAnswer> {
    const request = { ...preflightToWire(asked), credentials: credentialsOf(credentials) };
    try {
      for await (const response of this.#connection.client.preflight(request, { signal })) {
        const answer = preflightAnswerFromWire(response);
        if (answer?.type === 'end') return;
        if (answer !== undefined) yield answer;
      }
    } catch (error) {
      throw this.#explain(error);
    }
    throw this.#explain(new ConnectError('the checks ended early', Code.Unavailable));
  }

  /** How the run is doing. */
  async status(runId: string, timeoutMs: number): Promise<GetRunResponse> {
    try {
      return await this.#connection.client.getRun({ runId }, { timeoutMs });
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /**
   * Stops the run without its stream, over a connection of its own: the other may be what is broken.
   *
   * @returns how it is that the agent does no more I/O for the run: it has `stopped`, or knows nothing of the run
   */
  async stop(
    runId: string,
    reason: string,
    timeoutMs: number,
  ): Promise<'stopped' | 'knows nothing'> {
    const connection = this.#reconnect();
    try {
      await connection.client.stopRun({ runId, reason }, { timeoutMs });
      return 'stopped';
    } catch (error) {
      if (ConnectError.from(error).code === Code.NotFound) return 'knows nothing';
      throw this.#explain(error);
    } finally {
      connection.close();
    }
  }

  /** Gets ready to hold the stream of a run. Commands wait until it is started or taken over. */
  openRun(run: Omit<RunStreamOptions, 'explain'>): RunStream {
    const stream = new RunStream(this.#connection, {
      ...run,
      explain: (error) => this.#explain(error),
    });
    this.#stream = stream;
    return stream;
  }

  /** Resolves when the stream of the run has ended, or when there is none. */
  get closed(): Promise<void> {
    return this.#stream?.closed ?? Promise.resolve();
  }

  /** Sends a command once, however many streams that takes. */
  send(command: RunRequest['command']): void {
    this.#stream?.send(command);
  }

  /** Sends what need not arrive. */
  mention(command: RunRequest['command']): void {
    this.#stream?.mention(command);
  }

  /** Ends the stream, if it is open, and the connection. */
  close(): void {
    this.#stream?.close();
    this.#connection.close();
  }

  /** What went wrong between us and the agent, or on the agent. */
  #explain(error: unknown): BenchError {
    const { cause, code, rawMessage } = ConnectError.from(error);
    if (BenchError.is(cause)) return cause;
    const [told] = ConnectError.from(error).findDetails(ErrorDetailSchema).map(errorFromWire);
    if (told !== undefined) return this.#refused(rawMessage, fromErrorRecord(told), told.code);
    switch (code) {
      case Code.Unauthenticated:
        return this.#refused(rawMessage, {
          class: 'auth',
          hint: 'both sides must have the same token, in ~/.config/sai3bench/token or where --token-file says',
        });
      case Code.PermissionDenied:
      case Code.ResourceExhausted:
      case Code.FailedPrecondition:
      case Code.InvalidArgument:
        return this.#refused(rawMessage, {
          class: 'config',
          hint: 'use agents and controller of the same version; the terminal of the agent says more',
        });
      case Code.NotFound:
        return new BenchError(`${this.id} at ${this.address} has lost the run: ${rawMessage}`, {
          code: 'AGENT_LOST',
          class: 'network',
          endpoint: this.address,
          hint: 'the agent was started anew, or has begun another run since: see its terminal',
        });
      case Code.DeadlineExceeded:
        return this.#unreachable('it did not answer in time', error, SILENT_HINT);
      case Code.Canceled:
      case Code.Aborted:
        return this.#lost();
      default:
        return this.#unreachable(rawMessage, error);
    }
  }

  /** The agent has answered that it will not. */
  #refused(
    why: string,
    told: Pick<BenchError, 'class' | 'hint' | 'cause'>,
    code?: string,
  ): BenchError {
    return new BenchError(`${this.id} at ${this.address} refused: ${why}`, {
      code: code === 'RUN_DRIVEN' ? LED_BY_OTHER : 'AGENT_REFUSED',
      endpoint: this.address,
      ...{ class: told.class, hint: told.hint, cause: told.cause },
    });
  }

  #unreachable(why: string, cause: unknown, hint?: string): BenchError {
    return new BenchError(`cannot reach ${this.id} at ${this.address}: ${why}`, {
      code: 'AGENT_UNREACHABLE',
      class: 'network',
      endpoint: this.address,
      hint: hint ?? this.#hintToReach(why),
      cause: ConnectError.from(cause).cause,
    });
  }

  #hintToReach(why: string): string {
    return NO_SUCH_HOST.test(why)
      ? 'this host does not know the name: check how it is written, DNS and /etc/hosts'
      : `start it with: sai3bench-agent --listen ${this.address}; if it runs, check the address and the network`;
  }

  #lost(): BenchError {
    return new BenchError(`the link to ${this.id} at ${this.address} broke`, {
      code: 'AGENT_LOST',
      class: 'network',
      endpoint: this.address,
      hint: 'the agent was stopped or killed, its host went down, or the network failed: see its terminal and kernel log',
    });
  }
}
