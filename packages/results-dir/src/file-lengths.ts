/** How long the files of an agent's directory are, in bytes. */
export interface AgentFileLengths {
  readonly results: number;
  readonly perfLog: number;
  readonly errors: number;
}

/** How long the files are that a run adds to: what goes beyond is not certain when a run is taken over. */
export interface FileLengths {
  readonly perfLog: number;
  readonly ledger: number;
  /** By agent id. */
  readonly agents: Readonly<Record<string, AgentFileLengths>>;
}
