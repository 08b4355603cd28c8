import type { PlainFinding, PlainPreflightAnswer, PlainSharing } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { ForwardedCredentials } from '../link/forwarded-credentials.ts';
import { formatDurationMs } from '@sai3bench/units';
import { storeNeeds } from '@sai3bench/workload-config';
import {
  agentFinding,
  type CheckedAgent,
  type FindingsOfAgents,
  hasErrors,
  questionFor,
} from './checked-agent.ts';
import { type AgentSights, judgeSharing, type SharingExpectation } from './judge-sharing.ts';

/** All checks of all agents: a single one that hangs is given up by its agent before. */
export const PREFLIGHT_LIMIT_MS = 60_000;

/** How agents are checked. */
export interface PreflightSettings {
  /** Part of the names of all probes, no other preflight's: letters and digits. */
  readonly probeId: string;
  readonly sharing: SharingExpectation;
  /** For the storage, where agents are to use those of the controller. */
  readonly credentials: ForwardedCredentials | undefined;
  /** For all agents and all checks together. */
  readonly limitMs: number;
  /** Ends it early; then what was found until then is of no interest. */
  readonly signal: AbortSignal;
}

/**
 * Has every agent check its own plan, all at once. Those that are well leave a probe, and look whether they see the same
 * storage. They remove it when they are told to, and also when the controller is gone. Never rejects: an agent that does
 * not answer is a finding.
 */
export async function preflightAgents(
  agents: readonly CheckedAgent[],
  settings: PreflightSettings,
): Promise<FindingsOfAgents> {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort();
  }, settings.limitMs);
  const signal = AbortSignal.any([limit.signal, settings.signal]);
  const hold = new AbortController();
  const compares = canCompare(agents);
  try {
    const checks = agents.map(
      (agent) => new AgentCheck(agent, settings, AbortSignal.any([signal, hold.signal])),
    );
    await Promise.all(checks.map((check) => check.begin(compares)));
    const placed = checks.filter(({ isPlaced }) => isPlaced);
    if (placed.length > 0) {
      await comparePlaced(placed, checks.length, settings, signal);
    } else if (!compares && agents.length > 1) {
      for (const { findings } of checks) findings.push(NOTHING_WRITTEN);
    }
    return new Map(checks.map(({ agent: { id }, findings }) => [id, findings]));
  } finally {
    hold.abort();
    clearTimeout(timer);
  }
}

/** Whether there is anything to compare: several agents, or several endpoints of one, to which something is written. */
function canCompare(agents: readonly CheckedAgent[]): boolean {
  return agents.some(writes) && (agents.length > 1 || agents.some(hasSeveralEndpoints));
}

function writes({ plan }: CheckedAgent): boolean {
  return storeNeeds(plan).some(({ write }) => write);
}

/** Stores in which an agent needs what is there. */
function neededStores({ plan }: CheckedAgent): Set<number> {
  return new Set(
    storeNeeds(plan).flatMap(({ list, read, remove }, store) =>
      list || read || remove ? [store] : [],
    ),
  );
}

function hasSeveralEndpoints({ plan }: CheckedAgent): boolean {
  return plan.stores.some(({ endpoints }) => endpoints.length > 1);
}

const NOTHING_WRITTEN: PlainFinding = {
  ...{ level: 'info', class: 'CONFIG', check: 'sharing', target: '' },
  message:
    'the workload writes nothing, so it was not tried whether all agents see the same storage',
};

/** Lets agents whose probes are there look for each other's, judges what they see, and has the probes removed. */
async function comparePlaced(
  placed: readonly AgentCheck[],
  allAgents: number,
  { sharing }: PreflightSettings,
  signal: AbortSignal,
): Promise<void> {
  const ids = placed.map(({ agent }) => agent.id);
  const [writer = ''] = ids;
  // Where all share, to see one means to see all.
  const ownersFor = (id: string): string[] =>
    sharing === 'shared' ? [...new Set([writer, id])] : ids;
  try {
    const seen: AgentSights[] = await Promise.all(
      placed.map(async (check) => ({
        id: check.agent.id,
        needs: neededStores(check.agent),
        sights: await check.look(ownersFor(check.agent.id), signal),
      })),
    );
    // One that is left of several has nobody to compare with.
    if (placed.length === 1 && allAgents > 1) return;
    const judged = judgeSharing(seen, sharing, writer);
    for (const { agent, findings } of placed) findings.push(...(judged.get(agent.id) ?? []));
  } finally {
    // Where the user wants the end, agents remove their probes because the answers are cancelled.
    if (!signal.aborted) await Promise.all(placed.map((check) => check.remove(signal)));
  }
}

/** The preflight of one agent. */
class AgentCheck {
  readonly agent: CheckedAgent;
  readonly findings: PlainFinding[] = [];
  readonly #settings: PreflightSettings;
  readonly #signal: AbortSignal;
  #isPlaced = false;

  /** @param signal ends its checks, or lets go of its probes */
  constructor(agent: CheckedAgent, settings: PreflightSettings, signal: AbortSignal) {
    this.agent = agent;
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Whether the checks have found no error, and its probes are there. */
  get isPlaced(): boolean {
    return this.#isPlaced && !hasErrors(this.findings);
  }

  /**
   * Runs the checks; fulfilled when they are over.
   *
   * @param places whether probes are to be placed then
   */
  begin(places: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const sharing = places ? ({ step: 'place', owners: [] } as const) : undefined;
    void this.#read(sharing, () => {
      resolve(undefined);
    });
    return promise;
  }

  /** What it sees of the probes of some agents. */
  async look(owners: readonly string[], signal: AbortSignal): Promise<AgentSights['sights']> {
    const answers = await this.#ask({ step: 'look', owners }, signal);
    return answers.flatMap((answer) => (answer.type === 'sight' ? [answer.sight] : []));
  }

  async remove(signal: AbortSignal): Promise<void> {
    await this.#ask({ step: 'remove', owners: [] }, signal);
  }

  /** Reads the answer that stays open once probes are there. */
  async #read(sharing: PlainSharing | undefined, onOver: () => void): Promise<void> {
    try {
      const { credentials } = this.#settings;
      for await (const answer of this.#answers(sharing, this.#signal, credentials)) {
        if (answer.type === 'finding') this.findings.push(answer.finding);
        else if (answer.type === 'placed') {
          this.#isPlaced = true;
          onOver();
        }
      }
    } catch (error) {
      // How an answer ends that was cancelled with everything done does not matter.
      if (!this.#isPlaced) this.#fail(error);
    }
    onOver();
  }

  async #ask(sharing: PlainSharing, signal: AbortSignal): Promise<PlainPreflightAnswer[]> {
    const answers: PlainPreflightAnswer[] = [];
    try {
      for await (const answer of this.#answers(sharing, signal)) {
        if (answer.type === 'finding') this.findings.push(answer.finding);
        answers.push(answer);
      }
    } catch (error) {
      this.#fail(error);
    }
    return answers;
  }

  #answers(
    sharing: PlainSharing | undefined,
    signal: AbortSignal,
    credentials?: ForwardedCredentials,
  ): AsyncIterable<PlainPreflightAnswer> {
    const question = questionFor(this.agent, this.#settings.probeId, sharing);
    return this.agent.link.preflight(question, signal, credentials);
  }

  #fail(error: unknown): void {
    const isLate = this.#signal.aborted;
    this.findings.push(agentFinding(isLate ? lateError(this.#settings.limitMs) : error));
  }
}

function lateError(limitMs: number): BenchError {
  return new BenchError(`the checks were not over after ${formatDurationMs(limitMs)}`, {
    code: 'PREFLIGHT_TIMEOUT',
    class: 'timeout',
    hint: 'see what the agent has found until then, and its terminal',
  });
}
