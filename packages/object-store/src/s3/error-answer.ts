/** An answer that says no. */
export interface ErrorAnswer {
  readonly status: number;
  /** Status line and fields. */
  readonly head: string;
  /** As much of the body as was kept. */
  readonly body: string;
}
