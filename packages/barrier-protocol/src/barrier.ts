/** What an agent is to a barrier. */
export type MemberStatus =
  /** Still at work. */
  | 'working'
  /** Not connected at the moment; it may come back. */
  | 'away'
  /** At the barrier. */
  | 'arrived'
  /** Will not come. */
  | 'failed';

export const BARRIER_TYPES = ['all_or_nothing', 'majority', 'best_effort'] as const;

/** When a barrier opens: see {@link decideBarrier}. */
export type BarrierType = (typeof BARRIER_TYPES)[number];

/** What a barrier asks of its members. */
export interface BarrierRule {
  readonly type: BarrierType;
  /** How long those that need not come are waited for all the same, once all others have arrived. */
  readonly stragglerGraceMs: number;
  /** Whether the others are waited for when the barrier can no longer open, so that each ends its work. */
  readonly isPatient: boolean;
}

/** What is known at a barrier. */
export interface BarrierFacts {
  readonly members: ReadonlyMap<string, MemberStatus>;
  /** How long those that have to come have all been there; undefined while they have not. */
  readonly quorumForMs: number | undefined;
}

/** What to do about a barrier. */
export type BarrierDecision =
  | { readonly type: 'wait'; readonly for: readonly string[] }
  /** Those that need not come have a little time left. */
  | { readonly type: 'linger'; readonly for: readonly string[]; readonly leftMs: number }
  /** The run goes on, without these if there are any. */
  | { readonly type: 'release'; readonly without: readonly string[] }
  /** It can never open. */
  | { readonly type: 'break'; readonly because: readonly string[] };

/** Whether those that have to come have arrived, and whether they still can. */
interface Quorum {
  readonly isThere: boolean;
  readonly isPossible: boolean;
}

/** How many members there are of each status. */
type Counts = Readonly<Record<MemberStatus, number>>;

const QUORUMS: Readonly<Record<BarrierType, (counts: Counts) => Quorum>> = {
  all_or_nothing: ({ away, failed, working }) => ({
    isThere: failed + working + away === 0,
    isPossible: failed === 0,
  }),
  majority: ({ arrived, away, failed, working }) => {
    const total = arrived + away + failed + working;
    return { isThere: arrived > total / 2, isPossible: failed < total / 2 };
  },
  best_effort: ({ arrived, away, working }) => ({
    isThere: arrived > 0 && working === 0,
    isPossible: arrived + away + working > 0,
  }),
};

/**
 * Decides about a barrier from what its members do.
 *
 * `all_or_nothing` opens when all have arrived, and breaks when one has failed. `majority` opens when more than half of
 * all members have arrived, and breaks when so many have failed that this cannot happen any more. `best_effort` opens
 * when all that are connected have arrived, and breaks when all have failed. The last two give those that are left
 * `stragglerGraceMs` from then on, and go on without them after it. Nobody is ever waited for because of a total time.
 */
export function decideBarrier(rule: BarrierRule, facts: BarrierFacts): BarrierDecision {
  const { members } = facts;
  const { isPossible, isThere } = QUORUMS[rule.type](countMembers(members));
  const late = [...idsOf(members, 'working'), ...idsOf(members, 'away')];
  const failed = idsOf(members, 'failed');
  if (!isPossible) {
    const isWaitedFor = rule.isPatient && late.length > 0;
    return isWaitedFor ? { type: 'wait', for: late } : { type: 'break', because: failed };
  }
  if (!isThere) return { type: 'wait', for: late };
  if (late.length === 0) return { type: 'release', without: failed };
  const leftMs = rule.stragglerGraceMs - (facts.quorumForMs ?? 0);
  if (leftMs > 0) return { type: 'linger', for: late, leftMs };
  return { type: 'release', without: [...late, ...failed] };
}

/** Whether those that have to come have arrived: from then on the others have `stragglerGraceMs`. */
export function hasQuorum(type: BarrierType, members: ReadonlyMap<string, MemberStatus>): boolean {
  return QUORUMS[type](countMembers(members)).isThere;
}

function countMembers(members: ReadonlyMap<string, MemberStatus>): Counts {
  const counts = { working: 0, away: 0, arrived: 0, failed: 0 };
  for (const status of members.values()) counts[status]++;
  return counts;
}

function idsOf(members: ReadonlyMap<string, MemberStatus>, wanted: MemberStatus): string[] {
  const ids: string[] = [];
  for (const [id, status] of members) if (status === wanted) ids.push(id);
  return ids;
}
