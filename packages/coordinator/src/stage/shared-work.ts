/** How far an agent has come with something that takes its time. */
export interface WorkProgress {
  /** What is being done, as in "verifying objects". */
  readonly what: string;
  readonly done: number;
  /** 0 when it is not known. */
  readonly total: number;
}

/** Something that all agents do side by side: how far they have come together, and whether they get on. */
export class SharedWork {
  readonly #nowMs: () => number;
  readonly #agents = new Map<string, WorkProgress>();
  #movedAtMs: number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#movedAtMs = nowMs();
  }

  /** When an agent last got on. */
  get movedAtMs(): number {
    return this.#movedAtMs;
  }

  /** All agents together; undefined when none has said anything. */
  get total(): WorkProgress | undefined {
    const all = [...this.#agents.values()];
    const [first] = all;
    if (first === undefined) return undefined;
    const sum = (pick: (progress: WorkProgress) => number): number =>
      all.reduce((added, progress) => added + pick(progress), 0);
    return { what: first.what, done: sum(({ done }) => done), total: sum(({ total }) => total) };
  }

  /** Takes what an agent says; returns whether it has got on. */
  progress(agentId: string, progress: WorkProgress): boolean {
    const before = this.#agents.get(agentId);
    this.#agents.set(agentId, progress);
    if (before?.done === progress.done && before.what === progress.what) return false;
    this.moved();
    return true;
  }

  /** Notes that an agent has got on. */
  protected moved(): void {
    this.#movedAtMs = this.#nowMs();
  }
}
