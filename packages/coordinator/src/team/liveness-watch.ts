import { judgeLiveness } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { Barrier } from '@sai3bench/workload-config';
import type { AgentMember } from './agent-member.ts';

const CHECK_INTERVAL_MS = 250;
/** The controller shows that it is alive at least this often. */
const MAX_HEARTBEAT_MS = 5_000;
/** Agents give a controller up that they have not heard of for longer than this many of its heartbeats. */
const HEARTBEATS_IN_GRACE = 3;

/** What a watch needs to know. */
export interface LivenessWatchOptions {
  readonly members: readonly AgentMember[];
  /** The rule of the stage that runs, or of the one that comes next. */
  readonly rule: () => Barrier | undefined;
  /** How long an agent goes on without a controller. */
  readonly graceMs: number;
  readonly nowMs: () => number;
  readonly onDead: (member: AgentMember, error: BenchError) => void;
  readonly onSilent: (member: AgentMember, silentMs: number) => void;
}

/** Shows the agents that the controller is alive, and finds out when an agent is not. */
export class LivenessWatch {
  readonly #options: LivenessWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #lastHeartbeatMs = 0;

  constructor(options: LivenessWatchOptions) {
    this.#options = options;
    const intervalMs = Math.min(
      CHECK_INTERVAL_MS,
      graceOf(options.graceMs) / (2 * HEARTBEATS_IN_GRACE),
    );
    this.#timer = setInterval(() => {
      this.#check();
    }, intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { graceMs, members, nowMs } = this.#options;
    const rule = this.#options.rule();
    if (rule === undefined) return;
    const now = nowMs();
    if (now - this.#lastHeartbeatMs >= heartbeatMsOf(rule, graceMs)) {
      this.#lastHeartbeatMs = now;
      for (const member of members) {
        if (!member.active) continue;
        member.link.mention({
          case: 'heartbeat',
          value: { $typeName: 'sai3bench.agent.v1.Heartbeat' },
        });
      }
    }
    for (const member of members) {
      // Those that are away are called until the grace period is over.
      if (member.active && member.awaySinceMs === undefined) this.#judge(member, rule, now);
    }
  }

  #judge(member: AgentMember, rule: Barrier, now: number): void {
    const { nowMs, onDead, onSilent } = this.#options;
    const verdict = judgeLiveness(rule, member.facts, now);
    const silentMs = now - member.facts.heardAtMs;
    if (verdict === 'query') {
      member.facts = {
        ...member.facts,
        queries: member.facts.queries + 1,
        queriedAtMs: now,
      };
      onSilent(member, silentMs);
      member.link.info(rule.queryTimeoutMs).then(
        () => {
          member.heard(nowMs());
        },
        () => undefined, // No answer: the next judgement sees to it.
      );
    } else if (verdict === 'dead') {
      onDead(
        member,
        new BenchError(
          `${member.id} at ${member.agent.address} has been silent for ${String(Math.round(silentMs / 1000))} s and does not answer questions`,
          {
            code: 'AGENT_SILENT',
            class: 'timeout',
            endpoint: member.agent.address,
            hint: 'its host hangs or the network is cut; heartbeat_interval, missed_threshold and query_timeout of the barrier decide how long to wait',
          },
        ),
      );
    }
  }
}

/** How often the controller shows that it is alive: well before an agent would give it up. */
function heartbeatMsOf(
  { agentBarrierTimeoutMs, heartbeatIntervalMs }: Barrier,
  graceMs: number,
): number {
  return Math.min(
    heartbeatIntervalMs / 2,
    Math.min(agentBarrierTimeoutMs, graceOf(graceMs)) / HEARTBEATS_IN_GRACE,
    MAX_HEARTBEAT_MS,
  );
}

/** Without a grace period, agents give a controller up when its stream ends, and do not count how long it was silent. */
function graceOf(graceMs: number): number {
  return graceMs === 0 ? Infinity : graceMs;
}
