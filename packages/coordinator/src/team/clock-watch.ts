import { BenchError } from '@sai3bench/errors';
import type { AgentClockReading, MemberClock } from './member-clock.ts';

/** An error that needs no further reading: well below what a start is to be late. */
const GOOD_ERROR_NS = 0.25e6;
/** The first readings of a link are slow: it takes some to find a short round trip. */
const FIRST_READINGS = 8;
const LATER_READINGS = 2;
/** How long an agent may take for all later readings; what was known before then stays, with a larger error. */
const LATER_TIMEOUT_MS = 1_000;
/** In the background each agent's clock is read this often, ... */
const REFRESH_INTERVAL_MS = 5_000;
/** ... but no more than one agent's in this time, so that a thousand agents cost as little as a few. */
const REFRESH_PAUSE_MS = 50;
/** Questions to many agents at once would wait for each other, and long round trips say little: so many begin at once. */
const AGENTS_AT_ONCE = 2;
const LAUNCH_PAUSE_MS = 1;

/** An agent whose clock can be read. */
export interface ClockOwner {
  /** Whether it takes part. */
  readonly active: boolean;
  /** Since when it cannot be asked; undefined while it can. */
  readonly awaySinceMs?: number | undefined;
  readonly clock: MemberClock;
  readonly link: {
    readClock(nowNs: () => number, timeoutMs: number): Promise<AgentClockReading>;
  };
}

/** What a watch needs to know. */
export interface ClockWatchOptions<Member extends ClockOwner> {
  readonly members: readonly Member[];
  /** A monotonic clock. */
  readonly nowNs: () => number;
}

/** Reads the clocks of the agents before a run, in the background, and before each stage. */
export class ClockWatch<Member extends ClockOwner> {
  readonly #options: ClockWatchOptions<Member>;
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #isStopped = false;

  constructor(options: ClockWatchOptions<Member>) {
    this.#options = options;
  }

  /**
   * Reads the clocks of all agents for the first time.
   *
   * @param timeoutMs how long each may take for an answer
   * @param onFailed called with every agent that does not answer
   */
  async measure(
    timeoutMs: number,
    onFailed: (member: Member, error: BenchError) => void,
  ): Promise<void> {
    await this.#inTurn(this.#active(), async (member) => {
      try {
        await this.#read(member, FIRST_READINGS, timeoutMs);
      } catch (error) {
        onFailed(member, BenchError.from(error));
      }
    });
  }

  /** Reads the clocks again of which too little is known for a common start. */
  async freshen(): Promise<void> {
    const { nowNs } = this.#options;
    const stale = this.#active().filter(({ clock }) => clock.isStale(nowNs(), GOOD_ERROR_NS));
    await this.#inTurn(stale, (member) => this.#refresh(member));
  }

  /**
   * Reads a clock of which nothing is known yet, however often that takes, but not after {@link stop}.
   *
   * @param isWanted whether it still matters
   */
  async learn(member: Member, isWanted: () => boolean): Promise<void> {
    const isOver = (): boolean =>
      member.clock.isKnown || this.#isStopped || !member.active || !isWanted();
    while (!isOver()) {
      if (member.awaySinceMs === undefined) await this.#refresh(member);
      if (!isOver()) await new Promise((resolve) => setTimeout(resolve, REFRESH_PAUSE_MS));
    }
  }

  /** Keeps what is known from growing old, until {@link stop}. */
  start(): void {
    const { members } = this.#options;
    const pauseMs = Math.max(REFRESH_PAUSE_MS, REFRESH_INTERVAL_MS / Math.max(1, members.length));
    this.#timer = setInterval(() => {
      const member = members[this.#next++ % members.length];
      if (member?.active === true && member.awaySinceMs === undefined) void this.#refresh(member);
    }, pauseMs);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  #active(): Member[] {
    return this.#options.members.filter(
      ({ active, awaySinceMs }) => active && awaySinceMs === undefined,
    );
  }

  async #refresh(member: Member): Promise<void> {
    try {
      await this.#read(member, LATER_READINGS, LATER_TIMEOUT_MS);
    } catch {
      // Whether the agent is still there is for the watch of its liveness to find out; its clock's error grows meanwhile.
    }
  }

  /** Reads an agent's clock until its offset is known well, or it is not worth more time. */
  async #read(member: Member, most: number, timeoutMs: number): Promise<void> {
    const { nowNs } = this.#options;
    const beganNs = nowNs();
    for (let readings = 0; readings < most; readings++) {
      const leftMs = timeoutMs - (nowNs() - beganNs) / 1e6;
      if (readings > 0 && leftMs <= 0) return;
      member.clock.add(await member.link.readClock(nowNs, Math.max(1, Math.ceil(leftMs))));
      if (member.clock.at(nowNs()).errorNs <= GOOD_ERROR_NS) return;
    }
  }

  /** Does something with many agents at once, but begins with a few at a time. */
  async #inTurn(members: readonly Member[], act: (member: Member) => Promise<void>): Promise<void> {
    const acts: Promise<void>[] = [];
    for (let first = 0; first < members.length; first += AGENTS_AT_ONCE) {
      if (first > 0) await new Promise((resolve) => setTimeout(resolve, LAUNCH_PAUSE_MS));
      acts.push(...members.slice(first, first + AGENTS_AT_ONCE).map(act));
    }
    await Promise.all(acts);
  }
}
