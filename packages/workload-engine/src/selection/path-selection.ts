import type { AccessPlan, AgentPlan } from '@sai3bench/workload-config/plan';
import type { ObjectSpan } from './object-span.ts';
import { isDealt, type Positions, positionsOf, type PositionSources } from './positions.ts';
import type { Random } from './random.ts';

/** Objects as an agent sees them: its own part, all of them, and those of the other agents. */
export interface SharedSpans {
  readonly own: ObjectSpan;
  readonly all: ObjectSpan;
  readonly others: ObjectSpan;
}

interface Scope {
  readonly span: ObjectSpan;
  readonly positions: Positions;
}

/** Where an agent looks for its next object among those that several agents share. */
export class PathSelection {
  readonly #random: Random;
  /** Where it looks usually, and with probability `overlap`. */
  readonly #usual: Scope | undefined;
  readonly #overlapping: Scope | undefined;
  readonly #overlap: number;
  /** How many objects there are to choose from. */
  readonly count: number;

  /** What is dealt is dealt to the agents by their parts, so that together they take each object once in a pass. */
  constructor(
    plan: AgentPlan['pathSelection'],
    access: AccessPlan,
    spans: SharedSpans,
    sources: PositionSources,
  ) {
    const scopeOf = (span: ObjectSpan): Scope | undefined =>
      span.total === 0 ? undefined : { span, positions: positionsOf(access, span.total, sources) };
    const strategy = isDealt(access) ? 'exclusive' : plan.strategy;
    const all = scopeOf(spans.all);
    // With more agents than objects, some have no part of their own.
    const own = scopeOf(spans.own) ?? all;
    this.#random = sources.random;
    this.#usual = strategy === 'random' ? all : own;
    this.#overlapping = strategy === 'partitioned' ? all : scopeOf(spans.others);
    const overlaps = strategy === 'partitioned' || strategy === 'weighted';
    this.count = (strategy === 'exclusive' ? own : all)?.span.total ?? 0;
    this.#overlap = overlaps && this.#overlapping !== undefined ? plan.overlap : 0;
  }

  /** The span of the next object, pointed at it; undefined when there is none. */
  next(): ObjectSpan | undefined {
    const overlaps = this.#overlap > 0 && this.#random.fraction() < this.#overlap;
    const scope = overlaps ? this.#overlapping : this.#usual;
    scope?.span.locate(scope.positions.next());
    return scope?.span;
  }
}
