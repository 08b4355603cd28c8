/** What an agent is to a barrier. */
export type MemberStatus =
  /** Still working on the stage before the barrier. */
  | 'working'
  /** At the barrier. */
  | 'arrived'
  /** Will not come. */
  | 'failed';

/** When a barrier opens. */
export type BarrierType = 'all_or_nothing';

/** What to do about a barrier. */
export type BarrierDecision =
  | { readonly type: 'wait'; readonly for: readonly string[] }
  | { readonly type: 'release' }
  /** It can never open. */
  | { readonly type: 'break'; readonly because: readonly string[] };

/** What each type of barrier asks of its members. */
const RULES: Readonly<
  Record<BarrierType, (members: ReadonlyMap<string, MemberStatus>) => BarrierDecision>
> = {
  all_or_nothing: (members) => {
    const failed = withStatus(members, 'failed');
    if (failed.length > 0) return { type: 'break', because: failed };
    const working = withStatus(members, 'working');
    return working.length === 0 ? { type: 'release' } : { type: 'wait', for: working };
  },
};

/** Decides about a barrier from what its members do; `members` are statuses by agent id. */
export function decideBarrier(
  type: BarrierType,
  members: ReadonlyMap<string, MemberStatus>,
): BarrierDecision {
  return RULES[type](members);
}

function withStatus(members: ReadonlyMap<string, MemberStatus>, wanted: MemberStatus): string[] {
  return [...members].filter(([, status]) => status === wanted).map(([id]) => id);
}
