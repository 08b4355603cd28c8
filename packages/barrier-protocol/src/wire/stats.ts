import { create } from '@bufbuild/protobuf';
import { type Stats, StatsSchema } from '../gen/sai3bench/agent/v1/agent_pb.ts';
import { nameOf, OPERATIONS, type OperationName } from './names.ts';

/** Statistics as plain data. Histograms are bytes that this package does not look into. */
export interface PlainStats {
  readonly slots: readonly {
    readonly operation: OperationName;
    readonly sizeBucket: number;
    readonly operations: number;
    readonly bytes: number;
    readonly latencySumNs: number;
    readonly latency: Uint8Array;
  }[];
  readonly operations: readonly {
    readonly operation: OperationName;
    readonly errors: number;
    readonly cancelled: number;
    readonly retries: number;
    readonly connectNs: number;
    readonly retryNs: number;
    readonly generateNs: number;
    readonly generateApartNs: number;
    readonly firstByte: Uint8Array;
    readonly response: Uint8Array;
  }[];
  readonly clamped: number;
  readonly getChecks: {
    readonly content: number;
    readonly length: number;
    readonly none: number;
  };
}

export function statsToWire(stats: PlainStats): Stats {
  return create(StatsSchema, {
    slots: stats.slots.map((slot) => ({
      operation: OPERATIONS[slot.operation],
      sizeBucket: slot.sizeBucket,
      operations: BigInt(slot.operations),
      bytes: BigInt(slot.bytes),
      latencySumNs: slot.latencySumNs,
      latency: slot.latency,
    })),
    operations: stats.operations.map((counters) => ({
      operation: OPERATIONS[counters.operation],
      errors: BigInt(counters.errors),
      cancelled: BigInt(counters.cancelled),
      retries: BigInt(counters.retries),
      connectNs: counters.connectNs,
      retryNs: counters.retryNs,
      generateNs: counters.generateNs,
      generateApartNs: counters.generateApartNs,
      firstByte: counters.firstByte,
      response: counters.response,
    })),
    clamped: BigInt(stats.clamped),
    getChecks: {
      content: BigInt(stats.getChecks.content),
      length: BigInt(stats.getChecks.length),
      none: BigInt(stats.getChecks.none),
    },
  });
}

/** Parts about operations that this version does not know are left out. */
export function statsFromWire(stats: Stats | undefined): PlainStats {
  return {
    slots: (stats?.slots ?? []).flatMap((slot) => {
      const operation = nameOf(OPERATIONS, slot.operation);
      if (operation === undefined) return [];
      return [
        {
          operation,
          sizeBucket: slot.sizeBucket,
          operations: Number(slot.operations),
          bytes: Number(slot.bytes),
          latencySumNs: slot.latencySumNs,
          latency: slot.latency,
        },
      ];
    }),
    operations: (stats?.operations ?? []).flatMap((counters) => {
      const operation = nameOf(OPERATIONS, counters.operation);
      if (operation === undefined) return [];
      return [
        {
          operation,
          errors: Number(counters.errors),
          cancelled: Number(counters.cancelled),
          retries: Number(counters.retries),
          connectNs: counters.connectNs,
          retryNs: counters.retryNs,
          generateNs: counters.generateNs,
          generateApartNs: counters.generateApartNs,
          firstByte: counters.firstByte,
          response: counters.response,
        },
      ];
    }),
    clamped: Number(stats?.clamped ?? 0n),
    getChecks: {
      content: Number(stats?.getChecks?.content ?? 0n),
      length: Number(stats?.getChecks?.length ?? 0n),
      none: Number(stats?.getChecks?.none ?? 0n),
    },
  };
}
