import type { Socket } from 'node:net';
import type { TrafficCounter } from '../../traffic/traffic-counter.ts';
import type { Address } from './address-list.ts';
import type { Connection } from './connection.ts';
import type { HttpFailure } from './http-exchange.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** What connections of one pool share. */
export interface ConnectionContext {
  readonly wheel: TimerWheel;
  readonly nowNs: () => number;
  readonly traffic: Pick<TrafficCounter, 'connected' | 'requested' | 'sent' | 'received'>;
  readonly connectTicks: number;
  readonly idleTicks: number;
  readonly totalTicks: number;
  /** Connections are used once. */
  readonly keepAlive: boolean;
  /** Begins to connect; `onRead` is called with what arrives, in a buffer that all connections share. */
  connect(address: Address, onRead: (length: number, buffer: Uint8Array) => boolean): Socket;
  /** Name of the event that says that the connection is there. */
  readonly connectedEvent: 'connect' | 'secureConnect';
  /** The connection is there and has nothing to do. */
  free(connection: Connection): void;
  /** The connection is gone; `failed` when it never came about. */
  gone(connection: Connection, failed: HttpFailure | undefined): void;
}
