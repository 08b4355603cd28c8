/** What the binaries exit with; the whole list, documented in docs/exit-codes.md. */
export const EXIT_CODES = {
  ok: 0,
  /** The run failed, or an agent could not do its work. */
  runFailed: 1,
  /** The configuration or the command line is wrong. */
  usage: 2,
  /** A check before the run failed; nothing was measured. */
  preflight: 3,
  /** A threshold was not met. */
  threshold: 4,
  /** The measurement is complete, but cleaning up failed. */
  cleanup: 5,
  /** Ctrl-C. */
  /** The controller has left the run to its agents, because its terminal was closed. */
  detached: 129,
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
