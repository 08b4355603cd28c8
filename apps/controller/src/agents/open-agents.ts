import type { AgentConnection, Roster, RosterEntry } from '@sai3bench/coordinator';
import type { AgentLinks } from './agent-links.ts';
import { type LocalAgentOptions, startLocalAgent } from './local-agent.ts';

/** The agents of a roster, and the way to them. */
export interface OpenedAgents {
  /** With the address of the one that was started for this. */
  readonly agents: readonly RosterEntry[];
  readonly connect: (address: string) => AgentConnection;
  /** Stops the one that was started for this. */
  stop(): Promise<void>;
}

/**
 * Starts the agent of a roster that names none; others are there.
 *
 * @throws BenchError `LOCAL_AGENT_FAILED` when it does not start
 */
export async function openAgents(
  roster: Roster,
  links: AgentLinks,
  options: LocalAgentOptions,
  env: NodeJS.ProcessEnv,
): Promise<OpenedAgents> {
  if (!roster.isLocal) {
    return {
      agents: roster.agents,
      connect: (address) => links.connect(address),
      stop: () => Promise.resolve(),
    };
  }
  const local = await startLocalAgent(env, options);
  const { address, token } = local;
  return {
    agents: roster.agents.map((agent) => ({ ...agent, address })),
    connect: (own) => links.connectLocally(own, token),
    stop: () => local.stop(),
  };
}
