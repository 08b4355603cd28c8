import type { Checkpoint, MetadataCache } from '@sai3bench/metadata-cache';
import type { KeptPool } from '../pools/kept-pool.ts';

/** States of objects that some run has made, or has tried to. */
const TRACES = ['creating', 'created', 'failed', 'deleted'] as const;

/**
 * When the first run that made objects of each pool began to. What is older in the place of its objects is not of this
 * dataset, whatever its name. Once it is known, it never becomes later, and it goes wherever the states go: into the
 * agent's cache and into checkpoints.
 */
export class FirstRuns {
  readonly #cache: MetadataCache | undefined;
  /** In ms since 1970, by identity. */
  readonly #begunAtMs = new Map<string, number>();
  /** Identities of pools of which no run is known. */
  readonly #untouched = new Set<string>();
  /** Identities of pools of which another agent has told states, but not since when they are made. */
  readonly #unclear = new Set<string>();

  /**
   * @param own cache in which it is kept
   * @param identities the pools of the run
   */
  constructor(
    own: MetadataCache | undefined,
    siblings: readonly MetadataCache[],
    checkpoints: readonly Checkpoint[],
    identities: readonly string[],
  ) {
    this.#cache = own;
    const caches = own === undefined ? siblings : [own, ...siblings];
    for (const identity of identities) {
      const told = [
        ...caches.map((cache) => cache.value(nameOf(identity))),
        ...checkpoints.flatMap(({ manifest }) =>
          manifest.pools
            .filter((pool) => pool.identity === identity)
            .map(({ madeSince }) => madeSince),
        ),
      ];
      const times = told.flatMap((text) => (typeof text === 'string' ? [Date.parse(text)] : []));
      const earliestMs = Math.min(...times.filter((timeMs) => !Number.isNaN(timeMs)));
      if (earliestMs < Infinity) this.#begunAtMs.set(identity, earliestMs);
    }
  }

  /** In ms since 1970, on the clock of the host that made the objects; undefined where nobody knows. */
  begunAtMs(identity: string): number | undefined {
    return this.#begunAtMs.get(identity);
  }

  /** The same, ISO 8601. */
  begunAt(identity: string): string | undefined {
    const timeMs = this.#begunAtMs.get(identity);
    return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
  }

  /**
   * Takes note of what another agent knows, whose states are taken over.
   *
   * @param madeSince as it tells it, ISO 8601
   */
  learn(identity: string, madeSince: string | undefined): void {
    const timeMs = Date.parse(madeSince ?? '');
    if (Number.isNaN(timeMs)) this.#unclear.add(identity);
    else this.#begunAtMs.set(identity, Math.min(timeMs, this.#begunAtMs.get(identity) ?? Infinity));
  }

  /** Takes note of a pool whose states are filled with all that is known, and doubted where they have to be. */
  attached({ identity, isDoubted, states }: KeptPool): void {
    const isTouched = isDoubted || TRACES.some((state) => states.countOf(state) > 0);
    if (!isTouched) this.#untouched.add(identity);
    // What was told may be older than what is known.
    else if (this.#unclear.has(identity)) this.#begunAtMs.delete(identity);
  }

  /**
   * Notes that objects of a pool are about to be made. If that is the first time, this is when its first run began. It
   * is not known to be where objects are there already: a run whose knowledge is lost may have made those.
   */
  begin({ identity, states }: KeptPool, nowMs: number): void {
    if (this.#begunAtMs.has(identity) || !this.#untouched.has(identity)) return;
    if (states.countOf('found') === 0) this.#begunAtMs.set(identity, nowMs);
  }

  /** Writes down what is known of a pool, or that it is not, where the cache does not say so already. */
  async save(identity: string): Promise<void> {
    const begunAt = this.begunAt(identity);
    if (this.#cache?.value(nameOf(identity)) === begunAt) return;
    await this.#cache?.putValue(nameOf(identity), begunAt);
  }

  /** Forgets a pool in the cache: nothing of it is left. */
  async forget(identity: string): Promise<void> {
    if (this.#cache?.value(nameOf(identity)) === undefined) return;
    await this.#cache.putValue(nameOf(identity), undefined);
  }
}

function nameOf(identity: string): string {
  return `first-run ${identity}`;
}
