import type { PlainFinding, PlainSight } from '@sai3bench/barrier-protocol';
import { storageIsShared, type Workload } from '@sai3bench/workload-config';

/**
 * What a workload says of the storage of its agents: that all see the same, that each has its own, or nothing, so that each
 * is given a folder of its own.
 */
export type SharingExpectation = 'shared' | 'separate' | 'unsaid';

export function sharingOf(workload: Workload, agentCount: number): SharingExpectation {
  if (storageIsShared(workload, agentCount)) return 'shared';
  return workload.sharedStorage === undefined ? 'unsaid' : 'separate';
}

/** What one agent has seen of the probes of others, and of its own. */
export interface AgentSights {
  readonly id: string;
  readonly sights: readonly PlainSight[];
  /** Stores in which it needs what is there: it reads, lists or removes. Positions in the plan. */
  readonly needs: ReadonlySet<number>;
}

/**
 * What follows from who sees whose probes. That agents which share their objects do not see them is an error where they
 * need what others have made; where they only write, it is not what it is said to be, but they get on. So do agents with
 * folders of their own on the same storage.
 *
 * @param writer whose probe all must see where storage is shared
 * @returns findings by agent
 */
export function judgeSharing(
  agents: readonly AgentSights[],
  expectation: SharingExpectation,
  writer: string,
): Map<string, PlainFinding[]> {
  return new Map(
    agents.map(({ id, needs, sights }) => [
      id,
      sights.flatMap((sight) => {
        const trouble = needs.has(sight.store) ? 'error' : 'warning';
        if (!sight.owners.includes(id)) return [endpointsDiffer(sight, id, trouble)];
        return expectation === 'shared'
          ? judgeShared(sight, id, writer, trouble)
          : judgeSeparate(sight, id, expectation);
      }),
    ]),
  );
}

const SHARING = { class: 'CONFIG', check: 'sharing' } as const;

type Trouble = 'error' | 'warning';

function endpointsDiffer({ target }: PlainSight, id: string, level: Trouble): PlainFinding {
  return {
    ...{ level, ...SHARING, target },
    message: `what ${id} wrote through another endpoint of the store is not seen here: they do not show the same objects`,
    hint: 'name endpoints of one bucket or file system, or set multi_endpoint.namespace: separate',
  };
}

function judgeShared(
  { owners, target }: PlainSight,
  id: string,
  writer: string,
  level: Trouble,
): PlainFinding[] {
  // What an agent sees of itself says nothing of others.
  if (id === writer) return [];
  if (owners.includes(writer)) {
    return [
      {
        ...{ level: 'info', ...SHARING, target },
        message: `what ${writer} writes is seen: the storage is shared`,
      },
    ];
  }
  return [
    {
      ...{ level, ...SHARING, target },
      message: `what ${writer} writes is not seen here: the agents work on different storage, but are to share their objects`,
      hint: 'mount the same file system on all agents, or name the same bucket; or set distributed.shared_filesystem: false, so that each has objects of its own',
    },
  ];
}

function judgeSeparate(
  { owners, target }: PlainSight,
  id: string,
  expectation: SharingExpectation,
): PlainFinding[] {
  if (owners.every((owner) => owner === id)) {
    const message = 'nothing of what other agents write is seen: the storage is separate';
    return [{ level: 'info', ...SHARING, target, message }];
  }
  const message =
    'what other agents write is seen here: they work on the same storage, each in a folder of its own';
  if (expectation === 'unsaid') return [{ level: 'info', ...SHARING, target, message }];
  return [
    {
      ...{ level: 'warning', ...SHARING, target },
      message: `${message}, though distributed.shared_filesystem is false`,
      hint: 'correct the addresses if each agent has storage of its own; set shared_filesystem: true if they are to share their objects',
    },
  ];
}
