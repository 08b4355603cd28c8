import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { StageSummarySchema, StatsSchema } from '../gen/sai3bench/agent/v1/agent_pb.ts';
import { type PlainStageSummary, summaryFromWire, summaryToWire } from './stage-summary.ts';
import { type PlainStats, statsFromWire, statsToWire } from './stats.ts';

/** A final report as bytes, to be kept in a file. */
export function summaryToBytes(stage: number, summary: PlainStageSummary): Uint8Array {
  return toBinary(StageSummarySchema, summaryToWire(stage, summary));
}

export function summaryFromBytes(bytes: Uint8Array): PlainStageSummary {
  return summaryFromWire(fromBinary(StageSummarySchema, bytes));
}

/** Statistics as bytes, to be kept in a file. */
export function statsToBytes(stats: PlainStats): Uint8Array {
  return toBinary(StatsSchema, statsToWire(stats));
}

export function statsFromBytes(bytes: Uint8Array): PlainStats {
  return statsFromWire(fromBinary(StatsSchema, bytes));
}
