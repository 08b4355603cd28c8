import {
  type PlainStageSummary,
  statsFromBytes,
  statsToBytes,
  summaryFromBytes,
  summaryToBytes,
} from '@sai3bench/barrier-protocol';
import type { StatsDelta } from '@sai3bench/stats';

/** Statistics as they go into a file of JSON: in base64. */
export function statsToText(stats: StatsDelta): string {
  return inText(statsToBytes(stats));
}

export function statsFromText(text: string): StatsDelta {
  return statsFromBytes(Buffer.from(text, 'base64'));
}

/**
 * A final report as it goes into a file of JSON: in base64, in which nobody finds a secret any more.
 *
 * @param stage position of the stage that it is about
 * @param withoutSecrets takes secrets out of a text: servers and programs may have repeated some
 */
export function summaryToText(
  stage: number,
  summary: PlainStageSummary,
  withoutSecrets: (text: string) => string,
): string {
  const { errors, failure } = summary;
  const told: PlainStageSummary = {
    ...summary,
    errors: errors.map((group) => ({ ...group, message: withoutSecrets(group.message) })),
    ...(failure === undefined
      ? {}
      : {
          failure: {
            ...failure,
            message: withoutSecrets(failure.message),
            causes: failure.causes.map(withoutSecrets),
          },
        }),
  };
  return inText(summaryToBytes(stage, told));
}

export function summaryFromText(text: string): PlainStageSummary {
  return summaryFromBytes(Buffer.from(text, 'base64'));
}

function inText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
