/** Warnings of one kind that are shown at once, whichever agents they are from. */
const SHOWN_AT_ONCE = 3;
/** After those, one of a kind is shown this often. */
const REPEAT_MS = 60_000;
/** Kinds that are told apart; all that come later count as one. */
const KINDS = 100;

/** Warnings that differ only in their numbers, keys, addresses and agents. */
interface WarningKind {
  readonly example: string;
  shown: number;
  shownAtMs: number;
  /** Since one was shown. */
  leftOut: number;
}

/**
 * Chooses which warnings of agents are shown, so that neither one that repeats nor a thousand agents that say the same
 * bury the rest: the first few of a kind, then one a minute with the number of those between, and what is left at the
 * end of a stage.
 */
export class AgentWarnings {
  readonly #nowMs: () => number;
  readonly #kinds = new Map<string, WarningKind>();

  /** @param nowMs is a clock that only runs forward */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Takes a warning; returns the line to show, or undefined where it is left out for now. */
  take(agentId: string, text: string): string | undefined {
    const kind = this.#kindOf(text);
    const atMs = this.#nowMs();
    if (kind.shown >= SHOWN_AT_ONCE && atMs - kind.shownAtMs < REPEAT_MS) {
      kind.leftOut++;
      return undefined;
    }
    const line = `⚠ ${agentId}: ${textOf(text)}`;
    const between = kind.leftOut === 0 ? '' : ` (and ${String(kind.leftOut)} more like it before)`;
    kind.shown++;
    kind.shownAtMs = atMs;
    kind.leftOut = 0;
    return `${line}${between}`;
  }

  /** Lines that tell of what was left out and not told yet. */
  rest(): string[] {
    const lines: string[] = [];
    for (const kind of this.#kinds.values()) {
      if (kind.leftOut === 0) continue;
      lines.push(
        `⚠ ${String(kind.leftOut)} more like "${kind.example}": see agents/*/console.log in the results directory`,
      );
      kind.leftOut = 0;
    }
    return lines;
  }

  #kindOf(text: string): WarningKind {
    const name = text.replaceAll(/\S*\d\S*/g, '#');
    const key = this.#kinds.has(name) || this.#kinds.size < KINDS ? name : '';
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const example = key === '' ? 'other warnings of agents' : textOf(text);
    const kind = { example, shown: 0, shownAtMs: 0, leftOut: 0 };
    this.#kinds.set(key, kind);
    return kind;
  }
}

/** A warning without the sign that it may begin with, which is put before the agent's name. */
function textOf(text: string): string {
  return text.replace(/^[⚠✗] /, '');
}
