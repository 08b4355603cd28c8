import { S3_OPERATIONS, type S3Operation } from '../operations/operation.ts';

/** What a server has done so far. */
export interface ServerStats {
  readonly connections: { readonly opened: number; readonly open: number };
  /** Bytes on the wire, TLS included. */
  readonly bytes: { readonly received: number; readonly sent: number };
  readonly requests: {
    readonly total: number;
    readonly byOperation: Readonly<Record<S3Operation, number>>;
    /** What is no request that the server knows. */
    readonly unknown: number;
  };
  /** Answers by status; those that faults kept back are not among them. */
  readonly answers: Readonly<Record<number, number>>;
  /** Answers with an error, by its code. */
  readonly errors: Readonly<Record<string, number>>;
  /** How often rules have struck. */
  readonly faults: number;
}

/** A request as it was seen; kept when `requestLog` asks for it. */
export interface RequestRecord {
  readonly atMs: number;
  readonly operation: S3Operation | undefined;
  readonly method: string;
  readonly target: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes of the body as they came, its coding included. */
  readonly bodyBytes: number;
  /** Undefined: not answered yet, or never. */
  readonly status: number | undefined;
  /** Code of the S3 error that was answered. */
  readonly error: string | undefined;
}

/** Counts requests and answers. */
export class RequestCounters {
  readonly byOperation: Record<S3Operation, number>;
  readonly answers: Record<number, number> = {};
  readonly errors: Record<string, number> = {};
  total = 0;
  unknown = 0;

  constructor() {
    const zeros = S3_OPERATIONS.map((operation) => [operation, 0] as const);
    this.byOperation = Object.fromEntries(zeros) as Record<S3Operation, number>;
  }

  onRequest(operation: S3Operation | undefined): void {
    this.total++;
    if (operation === undefined) this.unknown++;
    else this.byOperation[operation]++;
  }

  onAnswer(status: number, error: string | undefined): void {
    this.answers[status] = (this.answers[status] ?? 0) + 1;
    if (error !== undefined) this.errors[error] = (this.errors[error] ?? 0) + 1;
  }
}

/** The last requests, as many as asked for. */
export class RequestLog {
  readonly #limit: number;
  readonly #records: RequestRecord[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isKept(): boolean {
    return this.#limit > 0;
  }

  add(record: RequestRecord): void {
    this.#records.push(record);
    if (this.#records.length > this.#limit) this.#records.shift();
  }

  list(): readonly RequestRecord[] {
    return [...this.#records];
  }
}
