/** What went through one endpoint. */
export interface EndpointTotals {
  readonly requests: number;
  readonly errors: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Latencies of the requests that succeeded, together. */
  readonly latencySumNs: number;
}

const FIELDS = 6;

/** Memory for {@link EndpointCounters}: one per worker, which alone writes it. */
export function allocateEndpointCounters(endpointCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(endpointCount * FIELDS * Float64Array.BYTES_PER_ELEMENT);
}

/** Requests, errors, bytes and latencies of each endpoint: written by one worker, readable by anyone. */
export class EndpointCounters {
  readonly #fields: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#fields = new Float64Array(memory);
  }

  /** What several workers have counted, added up; a copy that does not change any more. */
  static sumOf(parts: readonly EndpointCounters[], endpointCount: number): EndpointCounters {
    const sum = new EndpointCounters(allocateEndpointCounters(endpointCount));
    for (const part of parts) {
      for (const [index, value] of part.#fields.entries()) {
        sum.#fields[index] = (sum.#fields[index] ?? 0) + value;
      }
    }
    return sum;
  }

  /** Counts one request that starts. */
  started(endpoint: number): void {
    this.#add(endpoint, 5, 1);
  }

  /** Counts one finished request. */
  count(
    endpoint: number,
    failed: boolean,
    bytesRead: number,
    bytesWritten: number,
    latencyNs: number,
  ): void {
    this.#add(endpoint, 0, 1);
    if (failed) this.#add(endpoint, 1, 1);
    else this.#add(endpoint, 4, latencyNs);
    this.#add(endpoint, 2, bytesRead);
    this.#add(endpoint, 3, bytesWritten);
  }

  /** The totals of every endpoint, by endpoint number. */
  totals(): EndpointTotals[] {
    return Array.from({ length: this.#fields.length / FIELDS }, (_, endpoint) => ({
      requests: this.#field(endpoint, 0),
      errors: this.#field(endpoint, 1),
      bytesRead: this.#field(endpoint, 2),
      bytesWritten: this.#field(endpoint, 3),
      latencySumNs: this.#field(endpoint, 4),
    }));
  }

  /** What was counted since an earlier copy, by endpoint number. */
  since(before: EndpointCounters): EndpointTotals[] {
    const earlier = before.totals();
    return this.totals().map((now, endpoint) => ({
      requests: now.requests - (earlier[endpoint]?.requests ?? 0),
      errors: now.errors - (earlier[endpoint]?.errors ?? 0),
      bytesRead: now.bytesRead - (earlier[endpoint]?.bytesRead ?? 0),
      bytesWritten: now.bytesWritten - (earlier[endpoint]?.bytesWritten ?? 0),
      latencySumNs: now.latencySumNs - (earlier[endpoint]?.latencySumNs ?? 0),
    }));
  }

  /** Requests of one endpoint. */
  requestsOf(endpoint: number): number {
    return this.#field(endpoint, 0);
  }

  /** Requests of one endpoint that have started and not finished. */
  inFlightOf(endpoint: number): number {
    return this.#field(endpoint, 5) - this.#field(endpoint, 0);
  }

  #add(endpoint: number, field: number, amount: number): void {
    this.#fields[endpoint * FIELDS + field] = this.#field(endpoint, field) + amount;
  }

  #field(endpoint: number, field: number): number {
    return this.#fields[endpoint * FIELDS + field] ?? 0;
  }
}
