import { BenchError } from '@sai3bench/errors';

/** How far the clocks of an agent are made to differ from those of its host, to test what controllers make of it. */
export interface ClockShift {
  readonly skewMs: number;
  /** Parts per million that they run faster. */
  readonly driftPpm: number;
}

/** Environment variables of tests, by what they shift. */
const SHIFT_VARIABLES = {
  skewMs: 'SAI3_AGENT_CLOCK_SKEW_MS',
  driftPpm: 'SAI3_AGENT_CLOCK_DRIFT_PPM',
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** A clock that runs so much faster or slower would no longer be one. */
const MAX_DRIFT_PPM = 100_000;

/** The host's clocks. */
export interface HostClocks {
  readonly monotonicNs: () => bigint;
  /** The time of day when the host's monotonic clock shows 0, microseconds since 1970. */
  readonly unixAtZeroUs: number;
}

/** The clocks of this host. */
export function hostClocks(): HostClocks {
  const monotonicNs = (): bigint => process.hrtime.bigint();
  const unixUs = (performance.timeOrigin + performance.now()) * 1000;
  return { monotonicNs, unixAtZeroUs: unixUs - Number(monotonicNs()) / 1000 };
}

/**
 * What an agent takes the time to be: what it tells controllers, and how it understands the instants that they order.
 * Its time of day is set once, at its start, and then runs with the monotonic clock. In tests both are shifted.
 */
export class AgentClock {
  readonly #host: HostClocks;
  readonly #skewNs: bigint;
  readonly #drift: number;
  readonly #startNs: bigint;

  constructor(host: HostClocks, shift: ClockShift = { skewMs: 0, driftPpm: 0 }) {
    this.#host = host;
    this.#skewNs = BigInt(Math.round(shift.skewMs * 1e6));
    this.#drift = shift.driftPpm / 1e6;
    this.#startNs = host.monotonicNs();
  }

  /** The monotonic clock. */
  monotonicNs(): bigint {
    const hostNs = this.#host.monotonicNs();
    const driftedNs = Math.round(Number(hostNs - this.#startNs) * this.#drift);
    return hostNs + this.#skewNs + BigInt(driftedNs);
  }

  /** The time of day when the monotonic clock shows an instant, microseconds since 1970. */
  unixUs(monotonicNs = this.monotonicNs()): number {
    return Number(monotonicNs) / 1000 + this.#host.unixAtZeroUs;
  }

  /** The instant of the host's monotonic clock at which this one shows an instant. */
  hostNs(monotonicNs: bigint): bigint {
    const sinceStartNs = Number(monotonicNs - this.#skewNs - this.#startNs);
    return this.#startNs + BigInt(Math.round(sinceStartNs / (1 + this.#drift)));
  }

  /** What this clock shows when the host's shows a time of day; both in ms since 1970. */
  unixMsOfHost(hostUnixMs: number): number {
    const hostNs = BigInt(Math.round((hostUnixMs * 1000 - this.#host.unixAtZeroUs) * 1000));
    const driftedNs = Number(hostNs - this.#startNs) * this.#drift;
    return hostUnixMs + (Number(this.#skewNs) + driftedNs) / 1e6;
  }
}

/**
 * How the environment shifts the clocks of an agent.
 *
 * @throws BenchError `CLOCK_SHIFT_INVALID`
 */
export function clockShiftOf(env: Environment): ClockShift {
  return {
    skewMs: numberOf(env, SHIFT_VARIABLES.skewMs, Number.MAX_SAFE_INTEGER / 1e6),
    driftPpm: numberOf(env, SHIFT_VARIABLES.driftPpm, MAX_DRIFT_PPM),
  };
}

function numberOf(env: Environment, name: string, most: number): number {
  const text = env[name] ?? '';
  const value = Number(text);
  if (Math.abs(value) <= most) return value;
  throw new BenchError(`${name} is "${text}"`, {
    code: 'CLOCK_SHIFT_INVALID',
    class: 'config',
    hint: `it shifts the agent's clocks for tests: unset it, or give a number of at most ${String(most)}`,
  });
}
