import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf, readCheckpoint, type Checkpoint } from '@sai3bench/metadata-cache';
import { summarizeError } from '@sai3bench/errors';
import type { SideStore } from './side-store.ts';

/** What the name of every checkpoint begins with: they are no objects of any dataset. */
export const CHECKPOINT_PREFIX = '.sai3-cache-';
const SUFFIX = '.tar.zst';

/** Whether a key is that of a checkpoint. */
export function isCheckpoint(key: string): boolean {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return name.startsWith(CHECKPOINT_PREFIX) && name.endsWith(SUFFIX);
}

/** Where an agent's checkpoints are, and who else's it looks after. */
export interface CheckpointPlace {
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

/** The checkpoints of a dataset in the storage under test. */
export class CheckpointStore {
  readonly #place: CheckpointPlace;
  readonly #onTrouble: (text: string) => void;
  readonly #copies: string[] = [];
  #own: Checkpoint | undefined;
  readonly #orphaned: { readonly key: string; readonly checkpoint: Checkpoint }[] = [];
  #hasFailed = false;

  constructor(place: CheckpointPlace, onTrouble: (text: string) => void) {
    this.#place = place;
    this.#onTrouble = onTrouble;
  }

  /** Whether there was a checkpoint that could not be read, so that more was known than is now. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Key of this agent's checkpoint. */
  get key(): string {
    return this.#keyOf(this.#place.agentId);
  }

  /**
   * Fetches this agent's checkpoint, and those of agents that are no more; what cannot be read is told and left out:
   * the objects are verified instead. Copies are in `directory` until {@link release}.
   */
  async fetch(directory: string): Promise<readonly Checkpoint[]> {
    this.#own = await this.#read(this.key, directory);
    for (const key of await this.#orphans()) {
      const checkpoint = await this.#read(key, directory);
      if (checkpoint !== undefined) this.#orphaned.push({ key, checkpoint });
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
  async put(path: string): Promise<void> {
    await this.#place.store.putFile(this.key, path);
  }

  /** Removes a checkpoint, this agent's unless told which. */
  async remove(key = this.key): Promise<void> {
    await this.#place.store.delete(key);
  }

  async #orphans(): Promise<string[]> {
    const { agentIds, agentIndex } = this.#place;
    const present = new Set(agentIds.map((id) => this.#keyOf(id)));
    try {
      return (await this.#allKeys()).filter((key) => {
        const owner = Number.parseInt(identityOf(key).slice(0, 8), 16) % agentIds.length;
        return isCheckpoint(key) && !present.has(key) && owner === agentIndex;
      });
    } catch (error) {
      this.#onTrouble(`Checkpoints of other agents cannot be listed: ${summarizeError(error)}`);
      return [];
    }
  }

  /** Keys of checkpoints: all, or, where a listing would read a whole directory, those of further agents by number. */
  async #allKeys(): Promise<string[]> {
    const { agentIds, canList, prefix, store } = this.#place;
    const keys: string[] = [];
    if (canList) {
      await store.list(prefix + CHECKPOINT_PREFIX, ({ key }) => {
        keys.push(key);
      });
      return keys;
    }
    // Where not even the agent's own can be read, further ones cannot either.
    if (this.#hasFailed) return keys;
    for (let number = agentIds.length + 1; ; number++) {
      const key = this.#keyOf(`agent-${String(number)}`);
      if ((await store.stat(key)) === undefined) return keys;
      keys.push(key);
    }
  }

  async #read(key: string, directory: string): Promise<Checkpoint | undefined> {
    const path = join(directory, `restored-${String(this.#copies.length)}${SUFFIX}`);
    try {
      this.#copies.push(path);
      if (!(await this.#place.store.getFile(key, path))) return undefined;
      return await readCheckpoint(path);
    } catch (error) {
      this.#hasFailed = true;
      this.#onTrouble(
        `The checkpoint ${key} cannot be used, objects are verified instead: ${summarizeError(error)}`,
      );
      return undefined;
    }
  }

  #keyOf(agentId: string): string {
    return `${this.#place.prefix}${CHECKPOINT_PREFIX}${agentId}${SUFFIX}`;
  }
}
