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
    const checkpoints: Checkpoint[] = [];
    for (const key of [this.key, ...(await this.#orphans())]) {
      const path = join(directory, `restored-${String(this.#copies.length)}${SUFFIX}`);
      const checkpoint = await this.#read(key, path);
      if (checkpoint !== undefined) checkpoints.push(checkpoint);
    }
    return checkpoints;
  }

  /** Removes the copies that {@link fetch} has made. */
  async release(): Promise<void> {
    for (const path of this.#copies.splice(0)) await rm(path, { force: true });
  }

  /** Keeps a checkpoint, of which only the newest is. */
  async put(path: string): Promise<void> {
    await this.#place.store.putFile(this.key, path);
  }

  async remove(): Promise<void> {
    await this.#place.store.delete(this.key);
  }

  async #orphans(): Promise<string[]> {
    const { agentIds, agentIndex, canList, prefix, store } = this.#place;
    if (!canList) return [];
    const present = new Set(agentIds.map((id) => this.#keyOf(id)));
    const keys: string[] = [];
    try {
      await store.list(prefix + CHECKPOINT_PREFIX, ({ key }) => {
        const owner = Number.parseInt(identityOf(key).slice(0, 8), 16) % agentIds.length;
        if (isCheckpoint(key) && !present.has(key) && owner === agentIndex) keys.push(key);
      });
    } catch (error) {
      this.#onTrouble(`Checkpoints of other agents cannot be listed: ${summarizeError(error)}`);
    }
    return keys;
  }

  async #read(key: string, path: string): Promise<Checkpoint | undefined> {
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
