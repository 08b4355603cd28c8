/** How far an agent has come with what a stage needs before its clock starts. */
export interface LoadingProgress {
  /** What is being done, as in "verifying objects". */
  readonly what: string;
  readonly done: number;
  /** 0 when it is not known. */
  readonly total: number;
}

/** What is known of the objects of a dataset before a prepare stage begins. */
export interface ObjectsFound {
  readonly existing: number;
  readonly missing: number;
}

/** The agents getting ready for a stage: what all of them together have done of it. */
export class StageLoading {
  readonly #nowMs: () => number;
  readonly #agents = new Map<string, LoadingProgress>();
  #movedAtMs: number;
  #existing = 0;
  #missing = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#movedAtMs = nowMs();
  }

  /** When an agent last got on. */
  get movedAtMs(): number {
    return this.#movedAtMs;
  }

  /** The objects of all agents that are loaded. */
  get found(): ObjectsFound {
    return { existing: this.#existing, missing: this.#missing };
  }

  /** All agents together; undefined when none has said anything. */
  get total(): LoadingProgress | undefined {
    const all = [...this.#agents.values()];
    const [first] = all;
    if (first === undefined) return undefined;
    const sum = (pick: (progress: LoadingProgress) => number): number =>
      all.reduce((added, progress) => added + pick(progress), 0);
    return { what: first.what, done: sum(({ done }) => done), total: sum(({ total }) => total) };
  }

  progress(agentId: string, progress: LoadingProgress): void {
    const before = this.#agents.get(agentId);
    if (before?.done !== progress.done || before.what !== progress.what) {
      this.#movedAtMs = this.#nowMs();
    }
    this.#agents.set(agentId, progress);
  }

  /** Notes what an agent that is ready has found. */
  loaded(existing: number, missing: number): void {
    this.#movedAtMs = this.#nowMs();
    this.#existing += existing;
    this.#missing += missing;
  }
}
