import { create } from '@bufbuild/protobuf';
import { type Traffic, TrafficSchema } from '../gen/sai3bench/agent/v1/agent_pb.ts';
import { nameOf, OPERATIONS, type OperationName } from './names.ts';

/** What went over the wire to and from an endpoint, as plain data. */
export interface PlainTraffic {
  readonly addresses: readonly PlainAddressTraffic[];
  readonly operations: readonly PlainOperationTraffic[];
  readonly reconnects: number;
  /** Sparse histogram. */
  readonly connectTimes: Uint8Array;
  readonly region: string;
  readonly regionAdopted: boolean;
}

/** What went over one address of an endpoint, as plain data. */
export interface PlainAddressTraffic {
  readonly address: string;
  readonly requests: number;
  readonly failures: number;
  readonly connects: number;
  readonly connectErrors: number;
  readonly connectNs: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** What went over the wire for operations of one kind, as plain data. */
export interface PlainOperationTraffic {
  readonly operation: OperationName;
  readonly requests: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export function trafficToWire(traffic: PlainTraffic): Traffic {
  return create(TrafficSchema, {
    addresses: traffic.addresses.map((address) => ({
      address: address.address,
      requests: BigInt(address.requests),
      failures: BigInt(address.failures),
      connects: BigInt(address.connects),
      connectErrors: BigInt(address.connectErrors),
      connectNs: address.connectNs,
      bytesSent: BigInt(address.bytesSent),
      bytesReceived: BigInt(address.bytesReceived),
    })),
    operations: traffic.operations.map((part) => ({
      operation: OPERATIONS[part.operation],
      requests: BigInt(part.requests),
      bytesSent: BigInt(part.bytesSent),
      bytesReceived: BigInt(part.bytesReceived),
    })),
    reconnects: BigInt(traffic.reconnects),
    connectTimes: traffic.connectTimes,
    region: traffic.region,
    regionAdopted: traffic.regionAdopted,
  });
}

/** Operations that this version does not know are left out. */
export function trafficFromWire(traffic: Traffic | undefined): PlainTraffic {
  return {
    addresses: (traffic?.addresses ?? []).map((address) => ({
      address: address.address,
      requests: Number(address.requests),
      failures: Number(address.failures),
      connects: Number(address.connects),
      connectErrors: Number(address.connectErrors),
      connectNs: address.connectNs,
      bytesSent: Number(address.bytesSent),
      bytesReceived: Number(address.bytesReceived),
    })),
    operations: (traffic?.operations ?? []).flatMap((part) => {
      const operation = nameOf(OPERATIONS, part.operation);
      if (operation === undefined) return [];
      return [
        {
          operation,
          requests: Number(part.requests),
          bytesSent: Number(part.bytesSent),
          bytesReceived: Number(part.bytesReceived),
        },
      ];
    }),
    reconnects: Number(traffic?.reconnects ?? 0n),
    connectTimes: traffic?.connectTimes ?? new Uint8Array(),
    region: traffic?.region ?? '',
    regionAdopted: traffic?.regionAdopted ?? false,
  };
}
