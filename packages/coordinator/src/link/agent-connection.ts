import type { Client } from '@connectrpc/connect';
import type { AgentService } from '@sai3bench/barrier-protocol';

/** The agent's service as Connect's client offers it. */
export type AgentClient = Client<typeof AgentService>;

/** An open way to an agent. */
export interface AgentConnection {
  readonly client: AgentClient;
  /** Breaks off whatever is under way; the next call opens the way again. */
  reset(): void;
  close(): void;
}
