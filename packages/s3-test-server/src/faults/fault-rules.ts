import type { S3Operation } from '../operations/operation.ts';
import type { Fault } from './fault.ts';
import { Random } from './random.ts';

/** Which requests a rule is about; a condition that is left out always holds. */
export interface FaultMatch {
  readonly operation?: S3Operation | readonly S3Operation[];
  readonly bucket?: string;
  /** The whole key, or a pattern. */
  readonly key?: string | RegExp;
  /** The first so many requests that match are let off. Default 0. */
  readonly skip?: number;
  /** Of the others only each so-manyth: 3 means the third, the sixth. Default 1. */
  readonly every?: number;
  /** Of these only so many, by chance: 0 to 1. Default 1. */
  readonly probability?: number;
  /** No more than so many in all. Default: no limit. */
  readonly times?: number;
}

export interface FaultRule {
  readonly match?: FaultMatch;
  readonly fault: Fault | readonly Fault[];
}

/** A rule in force. */
export interface FaultHandle {
  /** How often it has struck. */
  readonly struck: number;
  remove(): void;
}

/** What a server does wrong. */
export interface Faults {
  /** Adds a rule; all rules that match a request strike it. */
  add(rule: FaultRule): FaultHandle;
  /** Removes all rules. */
  clear(): void;
}

/** The part of a request that rules look at. */
export interface FaultSubject {
  readonly operation: S3Operation;
  readonly bucket: string;
  readonly key: string;
}

const NO_FAULTS: readonly Fault[] = [];

/** The rules in force. Chance comes from a seed, so that a run can be repeated. */
export class FaultRules implements Faults {
  readonly #rules = new Set<ActiveRule>();
  readonly random: Random;
  /** How often rules have struck. */
  struck = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  add(rule: FaultRule): FaultHandle {
    const active = new ActiveRule(rule, () => {
      this.#rules.delete(active);
    });
    this.#rules.add(active);
    return active;
  }

  clear(): void {
    this.#rules.clear();
  }

  /** The faults that strike a request, in the order of their rules. */
  strike(subject: FaultSubject): readonly Fault[] {
    if (this.#rules.size === 0) return NO_FAULTS;
    const faults: Fault[] = [];
    for (const rule of this.#rules) {
      if (!rule.strikes(subject, this.random)) continue;
      this.struck++;
      faults.push(...rule.faults);
    }
    return faults;
  }
}

class ActiveRule implements FaultHandle {
  readonly #match: FaultMatch;
  readonly remove: () => void;
  readonly faults: readonly Fault[];
  #matched = 0;
  struck = 0;

  constructor({ fault, match = {} }: FaultRule, remove: () => void) {
    this.#match = match;
    this.faults = 'kind' in fault ? [fault] : fault;
    this.remove = remove;
  }

  strikes(subject: FaultSubject, random: Random): boolean {
    const { every = 1, probability = 1, skip = 0, times = Infinity } = this.#match;
    if (!isAbout(this.#match, subject)) return false;
    this.#matched++;
    const counted = this.#matched - skip;
    if (counted <= 0 || counted % every !== 0 || this.struck >= times) return false;
    if (probability < 1 && random.next() >= probability) return false;
    this.struck++;
    return true;
  }
}

function isAbout({ bucket, key, operation }: FaultMatch, subject: FaultSubject): boolean {
  if (bucket !== undefined && bucket !== subject.bucket) return false;
  if (key !== undefined) {
    const holds = typeof key === 'string' ? key === subject.key : subject.key.search(key) >= 0;
    if (!holds) return false;
  }
  if (operation === undefined) return true;
  return typeof operation === 'string'
    ? operation === subject.operation
    : operation.includes(subject.operation);
}
