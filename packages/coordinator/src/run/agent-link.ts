import { create } from '@bufbuild/protobuf';
import { type Client, Code, ConnectError } from '@connectrpc/connect';
import {
  type AgentService,
  findingFromWire,
  type GetInfoResponse,
  type PlainFinding,
  PushQueue,
  type RunRequest,
  RunRequestSchema,
  type RunResponse,
} from '@sai3bench/barrier-protocol';
import { BenchError, type ErrorClass } from '@sai3bench/errors';
import type { AgentClockReading } from './member-clock.ts';

/** The agent's service as Connect's client offers it. */
export type AgentClient = Client<typeof AgentService>;

/** An open way to an agent. */
export interface AgentConnection {
  readonly client: AgentClient;
  close(): void;
}

/** What happens on a run's stream. */
export interface RunListener {
  onEvent(event: RunResponse): void;
  /** The stream is over; `error` when it was not the agent that ended it properly. */
  onClosed(error: BenchError | undefined): void;
}

/** In what the system says of a name that has no address. */
const NO_SUCH_HOST = /ENOTFOUND|EAI_AGAIN/;

/** One agent, as the coordinator talks to it. */
export class AgentLink {
  readonly id: string;
  readonly address: string;
  readonly #connection: AgentConnection;
  readonly #requests = new PushQueue<RunRequest>();
  readonly #abort = new AbortController();
  #ended = false;

  constructor(id: string, address: string, connection: AgentConnection) {
    this.id = id;
    this.address = address;
    this.#connection = connection;
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

  /** Runs the checks of a plan on the agent; yields their findings. */
  async *preflight(planJson: string, signal: AbortSignal): AsyncGenerator<PlainFinding> {
    try {
      for await (const { result } of this.#connection.client.preflight({ planJson }, { signal })) {
        if (result.case === 'finding') yield findingFromWire(result.value);
        else if (result.case === 'end') return;
      }
    } catch (error) {
      throw this.#explain(error);
    }
    throw this.#explain(new ConnectError('the checks ended early', Code.Unavailable));
  }

  /** Opens the stream of a run; the first command that is sent must start it. */
  open(listener: RunListener): void {
    void this.#read(listener);
  }

  send(command: RunRequest['command']): void {
    this.#requests.push(create(RunRequestSchema, { command }));
  }

  /** Ends the stream, if it is open, and the connection. */
  close(): void {
    this.#ended = true;
    this.#requests.close();
    this.#abort.abort();
    this.#connection.close();
  }

  async #read(listener: RunListener): Promise<void> {
    try {
      const options = { signal: this.#abort.signal };
      for await (const event of this.#connection.client.run(this.#requests, options)) {
        if (event.event.case === 'runEnded') this.#ended = true;
        listener.onEvent(event);
      }
      listener.onClosed(this.#ended ? undefined : this.#lost());
    } catch (error) {
      listener.onClosed(this.#ended ? undefined : this.#explain(error));
    }
  }

  /** What went wrong between us and the agent, or on the agent. */
  #explain(error: unknown): BenchError {
    const { cause, code, rawMessage } = ConnectError.from(error);
    if (BenchError.is(cause)) return cause;
    switch (code) {
      case Code.Unauthenticated:
        return this.#refused(
          'auth',
          rawMessage,
          'both sides must have the same token, in ~/.config/sai3bench/token or where --token-file says',
        );
      case Code.PermissionDenied:
        return this.#refused(
          'permission',
          rawMessage,
          'whoever started the agent has limited it; its terminal says more',
        );
      case Code.ResourceExhausted:
      case Code.FailedPrecondition:
      case Code.InvalidArgument:
        return this.#refused(
          'config',
          rawMessage,
          'wait for the other run, or use agents and controller of the same version',
        );
      case Code.DeadlineExceeded:
        return this.#unreachable('it did not answer in time', error);
      case Code.Canceled:
      case Code.Aborted:
        return this.#lost();
      default:
        return this.#unreachable(rawMessage, error);
    }
  }

  #refused(errorClass: ErrorClass, why: string, hint: string): BenchError {
    return new BenchError(`${this.id} at ${this.address} refused: ${why}`, {
      code: 'AGENT_REFUSED',
      class: errorClass,
      endpoint: this.address,
      hint,
    });
  }

  #unreachable(why: string, cause: unknown): BenchError {
    return new BenchError(`cannot reach ${this.id} at ${this.address}: ${why}`, {
      code: 'AGENT_UNREACHABLE',
      class: 'network',
      endpoint: this.address,
      hint: NO_SUCH_HOST.test(why)
        ? 'this host does not know the name: check how it is written, DNS and /etc/hosts'
        : `start it with: sai3bench-agent --listen ${this.address}; if it runs, check the address and the network`,
      cause: ConnectError.from(cause).cause,
    });
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
