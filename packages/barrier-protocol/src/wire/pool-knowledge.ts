import { create } from '@bufbuild/protobuf';
import {
  type PoolCondition,
  PoolConditionSchema,
  type PoolKnowledge,
  PoolKnowledgeSchema,
} from '../gen/sai3bench/agent/v1/agent_pb.ts';

/** A part of a dataset's objects of which an agent knows the states, and how new that knowledge is. */
export interface PlainKnownRange {
  readonly begin: number;
  readonly end: number;
  /** Start of the run that worked on the range last, in ms since 1970. */
  readonly generation: number;
  /** Counts how often the states were saved. */
  readonly sequence: number;
}

/** What an agent knows of one dataset, as plain data. */
export interface PlainPoolKnowledge {
  /** Equal for pools that are the same objects. */
  readonly identity: string;
  readonly own: { readonly begin: number; readonly end: number };
  readonly known: readonly PlainKnownRange[];
  /** Whether a prepare was begun and did not come to its end. */
  readonly unfinished: boolean;
}

/** What is known of a dataset, or of an agent's part of it, when a stage begins. */
export interface PlainPoolCondition {
  readonly identity: string;
  /** Whether all of its objects were made for it: of others nobody knows how long they must be, and what is in them. */
  readonly isOurs: boolean;
  /** Whether none of its objects is known not to be there. */
  readonly isWhole: boolean;
}

export function knowledgeToWire(knowledge: PlainPoolKnowledge): PoolKnowledge {
  const { identity, known, own, unfinished } = knowledge;
  return create(PoolKnowledgeSchema, {
    identity,
    ownBegin: BigInt(own.begin),
    ownEnd: BigInt(own.end),
    known: known.map(({ begin, end, generation, sequence }) => ({
      begin: BigInt(begin),
      end: BigInt(end),
      generation: BigInt(generation),
      sequence: BigInt(sequence),
    })),
    unfinished,
  });
}

export function conditionToWire(condition: PlainPoolCondition): PoolCondition {
  return create(PoolConditionSchema, condition);
}

export function conditionFromWire({
  identity,
  isOurs,
  isWhole,
}: PoolCondition): PlainPoolCondition {
  return { identity, isOurs, isWhole };
}

export function knowledgeFromWire(wire: PoolKnowledge): PlainPoolKnowledge {
  const { identity, known, ownBegin, ownEnd, unfinished } = wire;
  return {
    identity,
    own: { begin: Number(ownBegin), end: Number(ownEnd) },
    known: known.map(({ begin, end, generation, sequence }) => ({
      begin: Number(begin),
      end: Number(end),
      generation: Number(generation),
      sequence: Number(sequence),
    })),
    unfinished,
  };
}
