/** The contents of the run's `metadata.json`; names are part of the format. */
export interface RunMetadata {
  readonly version: string;
  readonly test_name: string;
  readonly config_path: string;
  /** RFC 3339 with the local offset. */
  readonly start_time: string;
  readonly end_time: string | null;
  /** The longest sum of stage times over the agents. */
  readonly duration_secs: number | null;
  readonly command_line: readonly string[];
  readonly hostname: string;
  /** False when the controller ran its own local agent. */
  readonly distributed: boolean;
  /** `agent-1 (127.0.0.1:7761)` */
  readonly agents: readonly string[];
  /** The seed of all generated data, a 64-bit number in decimal. */
  readonly data_seed: string;
  /** SHA-256 of what the workload file means, in hex: equal for files that differ only in form. */
  readonly config_hash: string;
  readonly run_id: string;
  /** The stages that have ended, in order. */
  readonly stages: readonly StageRecord[];
}

/** What `metadata.json` says of a stage besides what its table says. */
export interface StageRecord {
  readonly name: string;
  readonly kind: string;
  /** Whether the run goes on when it fails. */
  readonly optional: boolean;
  /** The planned common start, RFC 3339 with the local offset. */
  readonly start_time: string;
  /** From the planned start to the end of the last operation of the slowest agent. */
  readonly wall_secs: number;
  /** Why the stage is not whole; null when it is. */
  readonly partial: string | null;
  /** What is to be known of a whole stage all the same. */
  readonly warnings: readonly string[];
  /** Successful operations. */
  readonly operations: number;
  /** Failed operations. */
  readonly errors: number;
  /** Failed attempts that were followed by another. */
  readonly retries: number;
  /** Operations that were still in flight when the drain time of a timed stage was over. */
  readonly cancelled: number;
  /** Latencies outside the range of the histograms, counted at its edge. */
  readonly clamped: number;
  /** How far the stage has compared what it read; null of a stage that is not there to read. */
  readonly verify: VerifyRecord | null;
  /** Worker threads that a system call never came back to. */
  readonly stuck_threads: number;
  /** Between the first operations of the first and of the last agent to begin. */
  readonly start_skew_ms: number;
  /** How far the offset of an agent's clock may be wrong, at worst; `start_skew_ms` by twice as much. */
  readonly clock_error_ms: number;
  /** When each agent was to begin, and when it did. */
  readonly starts: readonly StartRecord[];
  readonly endpoints: readonly EndpointRecord[];
}

/** When one agent was to begin a stage, and when it did. */
export interface StartRecord {
  readonly agent: string;
  /** The instant that it was ordered to begin at, on the controller's clock, ms since 1970. */
  readonly planned_epoch_ms: number;
  /** Its first operation, counted from that instant on its own clock; null when there was none, or no report of it. */
  readonly achieved_ms: number | null;
  /** How far the offset of its clock was wrong at that instant, at worst. */
  readonly clock_error_ms: number;
}

/** What was compared with what had been written, of the GETs that were answered: each counts once, right or wrong. */
export interface VerifyRecord {
  /** What was asked for: `length`, `sample` or `full`. */
  readonly level: string;
  /** Of which the length and all of the content were compared. */
  readonly content_compared: number;
  /** Of which the length alone was compared. */
  readonly length_compared: number;
  /** Of which it is not known what had been written. */
  readonly not_compared: number;
}

/** What one agent sent to one endpoint in a stage. */
export interface EndpointRecord {
  readonly agent: string;
  readonly address: string;
  /** What has become of the data of a PUT when it ends well: `page_cache`, `o_direct`, `server` and the like. */
  readonly durability: string;
  /**
   * What protects the body of a PUT beside the connection: `unsigned`, `signed`, the checksum that follows it, or `sdk`
   * for what the AWS SDK does; null where it is not S3.
   */
  readonly payload: 'unsigned' | 'signed' | 'crc32c' | 'crc64nvme' | 'sha256' | 'sdk' | null;
  readonly requests: number;
  readonly errors: number;
  readonly bytes_read: number;
  readonly bytes_written: number;
  /** Latencies of successful requests, with two digits; null when there was none. */
  readonly p50_us: number | null;
  readonly p99_us: number | null;
  /** How long its circuit breaker kept it out. */
  readonly out_ms: number;
  /** For which requests are signed; null where they are not. */
  readonly region: string | null;
  /** Of S3 but through the SDK; null of all others. */
  readonly wire: WireRecord | null;
}

/** What went over the wire to and from an endpoint. */
export interface WireRecord {
  readonly requests: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
  /** Connections that were made. */
  readonly connects: number;
  readonly connect_errors: number;
  /** How long it took to make one; null when none was made. */
  readonly connect_mean_us: number | null;
  readonly connect_p50_us: number | null;
  readonly connect_p99_us: number | null;
  readonly connect_max_us: number | null;
  /** Requests that went over another connection, because the server had closed the first one. */
  readonly reconnects: number;
  readonly operations: readonly OperationWireRecord[];
  readonly addresses: readonly AddressRecord[];
}

/** What went over the wire for operations of one kind. */
export interface OperationWireRecord {
  readonly operation: string;
  readonly requests: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
}

/** What went over one address of an endpoint. */
export interface AddressRecord {
  readonly address: string;
  readonly requests: number;
  /** Requests without a whole answer. */
  readonly failures: number;
  readonly connects: number;
  readonly connect_errors: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
}

/** A time as RFC 3339 with the offset of a time zone, to the millisecond: `2026-02-18T16:23:29.517-07:00`. */
export function formatRfc3339(time: Date): string {
  const offsetMinutes = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1);
  const two = (part: number): string => String(Math.floor(part)).padStart(2, '0');
  const sign = offsetMinutes < 0 ? '-' : '+';
  const size = Math.abs(offsetMinutes);
  return `${local}${sign}${two(size / 60)}:${two(size % 60)}`;
}
