import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type PreflightRequest,
  PreflightRequestSchema,
  type PreflightResponse,
  PreflightResponseSchema,
} from '../gen/sai3bench/agent/v1/agent_pb.ts';
import { findingFromWire, findingToWire, type PlainFinding } from './finding.ts';
import { nameOf, SHARING_STEPS, type SharingStepName } from './names.ts';

type Answer = MessageInitShape<typeof PreflightResponseSchema>;

/** What is asked of an agent before a run. */
export interface PlainPreflight {
  /** The agent's plan, as JSON. */
  readonly planJson: string;
  /** Part of the names of all probes, the same for all agents of a preflight; empty to leave it to the agent. */
  readonly probeId: string;
  /** A step of the probe of shared storage; undefined for the checks alone. */
  readonly sharing: PlainSharing | undefined;
}

/** A step of the probe of shared storage. */
export interface PlainSharing {
  readonly step: SharingStepName;
  /** Agents whose probes to look for. */
  readonly owners: readonly string[];
}

/** Whose probes an agent sees at one of its endpoints. */
export interface PlainSight {
  /** Position of the store in the plan. */
  readonly store: number;
  /** Address of the endpoint. */
  readonly target: string;
  readonly owners: readonly string[];
}

/** What an agent answers; `end` is the last. */
export type PlainPreflightAnswer =
  | { readonly type: 'finding'; readonly finding: PlainFinding }
  | { readonly type: 'sight'; readonly sight: PlainSight }
  /** All probes of the agent are there; they stay until they are removed or the call is cancelled. */
  | { readonly type: 'placed' }
  | { readonly type: 'end' };

export function preflightToWire({ planJson, probeId, sharing }: PlainPreflight): PreflightRequest {
  return create(PreflightRequestSchema, {
    planJson,
    probeId,
    ...(sharing === undefined
      ? {}
      : { sharing: { step: SHARING_STEPS[sharing.step], owners: [...sharing.owners] } }),
  });
}

/** A step that this version does not know becomes one that writes nothing. */
export function preflightFromWire({
  planJson,
  probeId,
  sharing,
}: PreflightRequest): PlainPreflight {
  const step = sharing === undefined ? undefined : (nameOf(SHARING_STEPS, sharing.step) ?? 'look');
  return {
    ...{ planJson, probeId },
    sharing: step === undefined ? undefined : { step, owners: sharing?.owners ?? [] },
  };
}

export function preflightAnswerToWire(answer: PlainPreflightAnswer): PreflightResponse {
  return create(PreflightResponseSchema, { result: resultOf(answer) });
}

function resultOf(answer: PlainPreflightAnswer): NonNullable<Answer['result']> {
  switch (answer.type) {
    case 'finding':
      return { case: 'finding', value: findingToWire(answer.finding) };
    case 'sight': {
      const { owners, store, target } = answer.sight;
      return { case: 'sight', value: { store, target, owners: [...owners] } };
    }
    case 'placed':
      return { case: 'placed', value: {} };
    case 'end':
      return { case: 'end', value: {} };
  }
}

/** Undefined for an answer that this version does not know. */
export function preflightAnswerFromWire({
  result,
}: PreflightResponse): PlainPreflightAnswer | undefined {
  switch (result.case) {
    case 'finding':
      return { type: 'finding', finding: findingFromWire(result.value) };
    case 'sight': {
      const { owners, store, target } = result.value;
      return { type: 'sight', sight: { store, target, owners } };
    }
    case 'placed':
      return { type: 'placed' };
    case 'end':
      return { type: 'end' };
    case undefined:
      return undefined;
  }
}
