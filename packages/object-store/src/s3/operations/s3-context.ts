import type { TrafficCounter } from '../../traffic/traffic-counter.ts';
import type { TimerWheel } from '../http/timer-wheel.ts';
import type { RetryPolicy } from '../retry-policy.ts';
import type { PayloadProtection } from '../s3-options.ts';
import type { S3Places } from '../s3-places.ts';
import type { S3Exchange } from './s3-exchange.ts';

/** What the operations on a store have in common. */
export interface S3Context {
  readonly bucket: string;
  readonly prefix: string;
  /** The server, for people. */
  readonly endpoint: string;
  readonly payload: PayloadProtection;
  /** Bodies are sent in pieces of this size. */
  readonly pieceBytes: number;
  readonly nowNs: () => number;
  readonly retry: RetryPolicy;
  readonly wheel: TimerWheel;
  readonly traffic: TrafficCounter;
  readonly places: S3Places;
  /** Sends an exchange as soon as there are credentials, an address and a connection. */
  dispatch(exchange: S3Exchange, fresh: boolean): void;
  /** An exchange waits for its next attempt. */
  backOff(exchange: S3Exchange): void;
  /** It has waited long enough: sends it, unless it was cancelled meanwhile. */
  backOffOver(exchange: S3Exchange): void;
}
