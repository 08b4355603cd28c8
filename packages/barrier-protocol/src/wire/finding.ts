import { create } from '@bufbuild/protobuf';
import { type Finding, FindingSchema } from '../gen/sai3bench/agent/v1/agent_pb.ts';
import { FINDING_LEVELS, type FindingLevelName, nameOf } from './names.ts';

/** A result of preflight as plain data. */
export interface PlainFinding {
  readonly level: FindingLevelName;
  /** AUTH, PERM, CONFIG, NET, RESOURCE or SYSTEM. */
  readonly class: string;
  readonly check: string;
  readonly target: string;
  readonly message: string;
  readonly hint?: string;
}

export function findingToWire(finding: PlainFinding): Finding {
  return create(FindingSchema, {
    level: FINDING_LEVELS[finding.level],
    category: finding.class,
    check: finding.check,
    target: finding.target,
    message: finding.message,
    hint: finding.hint ?? '',
  });
}

/** A level that this version does not know is taken for an error: better too careful. */
export function findingFromWire(finding: Finding): PlainFinding {
  return {
    level: nameOf(FINDING_LEVELS, finding.level) ?? 'error',
    class: finding.category,
    check: finding.check,
    target: finding.target,
    message: finding.message,
    ...(finding.hint === '' ? {} : { hint: finding.hint }),
  };
}
