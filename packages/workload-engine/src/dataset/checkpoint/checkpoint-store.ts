import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf, readCheckpoint, type Checkpoint } from '@sai3bench/metadata-cache';
import { summarizeError } from '@sai3bench/errors';
import type { ListEntry } from '@sai3bench/object-store';
import type { SideStore } from '../side-store/side-store.ts';
import { TimeLimit, untilAborted } from '../time-limit.ts';

/** What the name of every checkpoint begins with: they are no objects of any dataset. */
const CHECKPOINT_PREFIX = '.sai3-cache-';
const SUFFIX = '.tar.zst';

/** Whether a key is that of a checkpoint. */
export function isCheckpoint(key: string): boolean {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return name.startsWith(CHECKPOINT_PREFIX) && name.endsWith(SUFFIX);
}

/** Where an agent's checkpoints are, and who else's it looks after. */
export interface CheckpointPlace {
  /** Nobody else uses it: what is under way there is cancelled when it takes too long. */
  readonly store: SideStore;
  /** The dataset's root, empty or ending with `/`. */
  readonly prefix: string;
  readonly agentId: string;
  readonly agentIndex: number;
  /** All agents of the run. */
  readonly agentIds: readonly string[];
  /** Whether a listing costs little. */
  readonly canList: boolean;
}

/** How checkpoints are fetched. */
export interface CheckpointFetching {
  /** How long it may take without getting on. */
  readonly idleMs: number;
  /** Ends it because the run is stopped. */
  readonly stopping: AbortSignal;
  readonly onTrouble: (text: string) => void;
}

/** The checkpoints of a dataset in the storage under test. One thing is done at a time. */
export class CheckpointStore {
  readonly #place: CheckpointPlace;
  readonly #fetching: CheckpointFetching;
  readonly #copies: string[] = [];
  #own: Checkpoint | undefined;
  readonly #orphaned: { readonly key: string; readonly checkpoint: Checkpoint }[] = [];
  #hasFailed = false;
  #ownIsUnread = false;

  constructor(place: CheckpointPlace, fetching: CheckpointFetching) {
    this.#place = place;
    this.#fetching = fetching;
  }

  /** Whether there was a checkpoint that could not be read, so that more was known than is now. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Whether this agent's checkpoint could not be fetched, so that it may tell more than is known now. */
  get ownIsUnread(): boolean {
    return this.#ownIsUnread;
  }

  /** Key of this agent's checkpoint. */
  get key(): string {
    return this.#keyOf(this.#place.agentId);
  }

  /**
   * Fetches this agent's checkpoint, and those of agents that are no more; what cannot be read, or does not get on, is
   * told and left out: the objects are verified instead. Copies are in `directory` until {@link release}.
   */
  async fetch(directory: string): Promise<readonly Checkpoint[]> {
    const { idleMs, onTrouble, stopping } = this.#fetching;
    const limit = new TimeLimit(idleMs, stopping);
    this.#ownIsUnread = true;
    try {
      this.#own = await this.#read(this.key, directory, limit);
      for (const key of await this.#orphans(limit)) {
        const checkpoint = await this.#read(key, directory, limit);
        if (checkpoint !== undefined) this.#orphaned.push({ key, checkpoint });
      }
    } catch (error) {
      if (!limit.signal.aborted) throw error;
      this.#hasFailed = true;
      if (!stopping.aborted) {
        onTrouble(
          `Checkpoints cannot be fetched, objects are verified instead: ${summarizeError(error)}`,
        );
      }
    } finally {
      limit.off();
    }
    const orphaned = this.#orphaned.map(({ checkpoint }) => checkpoint);
    return this.#own === undefined ? orphaned : [this.#own, ...orphaned];
  }

  /** This agent's checkpoint, as it was fetched. */
  get own(): Checkpoint | undefined {
    return this.#own;
  }

  /** What was fetched of agents that are no more. */
  get orphaned(): readonly { readonly key: string; readonly checkpoint: Checkpoint }[] {
    return this.#orphaned;
  }

  /** Removes the copies that {@link fetch} has made. */
  async release(): Promise<void> {
    for (const path of this.#copies.splice(0)) await rm(path, { force: true });
  }

  /** Keeps a checkpoint, of which only the newest is. */
  async put(path: string, signal: AbortSignal): Promise<void> {
    await this.#until(signal, (store) => store.putFile(this.key, path));
  }

  /** Removes a checkpoint, this agent's unless told which. */
  async remove(signal: AbortSignal, key = this.key): Promise<void> {
    await this.#until(signal, (store) => store.delete(key));
  }

  /** Does something that ends, with its connection, at the latest with a signal. */
  async #until<Result>(
    signal: AbortSignal,
    work: (store: SideStore) => Promise<Result>,
  ): Promise<Result> {
    const { store } = this.#place;
    try {
      return await untilAborted(signal, () => work(store));
    } finally {
      if (signal.aborted) store.cancelAll();
    }
  }

  async #orphans(limit: TimeLimit): Promise<string[]> {
    const { agentIds, agentIndex } = this.#place;
    const present = new Set(agentIds.map((id) => this.#keyOf(id)));
    try {
      return (await this.#allKeys(limit)).filter((key) => {
        const owner = Number.parseInt(identityOf(key).slice(0, 8), 16) % agentIds.length;
        return isCheckpoint(key) && !present.has(key) && owner === agentIndex;
      });
    } catch (error) {
      if (limit.signal.aborted) throw error;
      this.#fetching.onTrouble(
        `Checkpoints of other agents cannot be listed: ${summarizeError(error)}`,
      );
      return [];
    }
  }

  /** Keys of checkpoints: all, or, where a listing would read a whole directory, those of further agents by number. */
  async #allKeys({ movedOn, signal }: TimeLimit): Promise<string[]> {
    const { agentIds, canList, prefix } = this.#place;
    const keys: string[] = [];
    if (canList) {
      const note = ({ key }: ListEntry): void => {
        keys.push(key);
        movedOn();
      };
      await this.#until(signal, (store) => store.list(prefix + CHECKPOINT_PREFIX, note));
      return keys;
    }
    // Where not even the agent's own can be read, further ones cannot either.
    if (this.#hasFailed) return keys;
    for (let number = agentIds.length + 1; ; number++) {
      const key = this.#keyOf(`agent-${String(number)}`);
      if ((await this.#until(signal, (store) => store.stat(key))) === undefined) return keys;
      keys.push(key);
      movedOn();
    }
  }

  async #read(
    key: string,
    directory: string,
    { movedOn, signal }: TimeLimit,
  ): Promise<Checkpoint | undefined> {
    const path = join(directory, `restored-${String(this.#copies.length)}${SUFFIX}`);
    try {
      this.#copies.push(path);
      movedOn();
      const isThere = await this.#until(signal, (store) => store.getFile(key, path, movedOn));
      if (key === this.key) this.#ownIsUnread = false;
      return isThere ? await readCheckpoint(path) : undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      this.#hasFailed = true;
      this.#fetching.onTrouble(
        `The checkpoint ${key} cannot be used, objects are verified instead: ${summarizeError(error)}`,
      );
      return undefined;
    }
  }

  #keyOf(agentId: string): string {
    return `${this.#place.prefix}${CHECKPOINT_PREFIX}${agentId}${SUFFIX}`;
  }
}
