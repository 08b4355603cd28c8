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
