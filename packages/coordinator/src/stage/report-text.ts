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
 * A final report as it goes into a file of JSON: in base64.
 *
 * @param stage position of the stage that it is about
 */
export function summaryToText(stage: number, summary: PlainStageSummary): string {
  return inText(summaryToBytes(stage, summary));
}

export function summaryFromText(text: string): PlainStageSummary {
  return summaryFromBytes(Buffer.from(text, 'base64'));
}

function inText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
