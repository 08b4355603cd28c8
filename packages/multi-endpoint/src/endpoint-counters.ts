/** What went through one endpoint. */
export interface EndpointTotals {
  readonly requests: number;
  readonly errors: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

const FIELDS = 4;

/** Memory for {@link EndpointCounters}: one per worker, which alone writes it. */
export function allocateEndpointCounters(endpointCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(endpointCount * FIELDS * Float64Array.BYTES_PER_ELEMENT);
}

/** Requests, errors and bytes of each endpoint: written by one worker, readable by anyone. */
export class EndpointCounters {
  readonly #fields: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#fields = new Float64Array(memory);
  }

  /** Counts one finished request. */
  count(endpoint: number, failed: boolean, bytesRead: number, bytesWritten: number): void {
    this.#add(endpoint, 0, 1);
    if (failed) this.#add(endpoint, 1, 1);
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
    }));
  }

  /** Requests of one endpoint. */
  requestsOf(endpoint: number): number {
    return this.#field(endpoint, 0);
  }

  #add(endpoint: number, field: number, amount: number): void {
    this.#fields[endpoint * FIELDS + field] = this.#field(endpoint, field) + amount;
  }

  #field(endpoint: number, field: number): number {
    return this.#fields[endpoint * FIELDS + field] ?? 0;
  }
}
