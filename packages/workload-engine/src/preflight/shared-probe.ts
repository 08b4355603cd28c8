import { closeSync, openSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '@sai3bench/errors';
import { ObjectClient, type ObjectStore } from '@sai3bench/object-store';
import { type FileUri, isFileUri, parseStoreUri, type StoreUri } from '@sai3bench/store-uri';
import { type AgentPlan, storeNeeds } from '@sai3bench/workload-config/plan';
import { nearestDirectory } from './nearest-directory.ts';
import { ObjectProbe } from './object-probe.ts';
import { openProbeStore } from './open-probe-store.ts';
import { type ProbeOwner, sharedProbeName, sharedProbePrefix } from './probe-names.ts';

/** Of so many agents, each is asked for by its name; of more, all are listed, for which a right may be missing. */
const ASKED_BY_NAME = 8;
const OWNER_MAY_WRITE = 0o644;

/** Where agents look for each other's probes: at one endpoint of a store that the plan writes to. */
export interface SharedPlace {
  /** Position of the store in the plan. */
  readonly store: number;
  /** Address of the endpoint. */
  readonly address: string;
  readonly uri: Exclude<StoreUri, { scheme: 'null' }>;
  /** Where each object is at one endpoint: which; undefined where every endpoint shows all of them. */
  readonly endpoint: number | undefined;
  /** Whether a probe is placed here: of several endpoints that show the same, at the first alone. */
  readonly isPlaced: boolean;
}

/** The places of a plan. A plan that writes nothing has none. */
export function sharedPlaces(plan: AgentPlan): SharedPlace[] {
  const needs = storeNeeds(plan);
  return plan.stores.flatMap(({ endpoints, namespace }, store) => {
    if (needs[store]?.write !== true) return [];
    return endpoints.flatMap((address, index) => {
      const uri = parseStoreUri(address);
      if (uri.scheme === 'null') return [];
      const isSeparate = namespace === 'separate';
      const endpoint = isSeparate ? index : undefined;
      return [{ store, address, uri, endpoint, isPlaced: isSeparate || index === 0 }];
    });
  });
}

/** The probes at one place. Rejects with what the storage says. */
export interface SharedProbe {
  place(): Promise<void>;
  /** Those of some agents whose probes are there. */
  look(owners: readonly string[]): Promise<string[]>;
  remove(): Promise<void>;
  close(): void;
}

/** @param plan says how S3 is talked to */
export async function openSharedProbe(
  place: SharedPlace,
  owner: ProbeOwner,
  plan: AgentPlan,
): Promise<SharedProbe> {
  return isFileUri(place.uri)
    ? new SharedFileProbe(place, place.uri, owner)
    : new SharedObjectProbe(place, owner, await openProbeStore(place.address, plan));
}

/** A file in the directory of the store, or in the nearest above it that is there: nothing else is made. */
class SharedFileProbe implements SharedProbe {
  readonly #place: SharedPlace;
  readonly #uri: FileUri;
  readonly #owner: ProbeOwner;

  constructor(place: SharedPlace, uri: FileUri, owner: ProbeOwner) {
    this.#place = place;
    this.#uri = uri;
    this.#owner = owner;
  }

  async place(): Promise<void> {
    await Promise.resolve();
    closeSync(openSync(this.#pathOf(this.#owner.agentId), 'wx', OWNER_MAY_WRITE));
  }

  async look(owners: readonly string[]): Promise<string[]> {
    await Promise.resolve();
    return owners.filter(
      (agentId) => statSync(this.#pathOf(agentId), { throwIfNoEntry: false }) !== undefined,
    );
  }

  async remove(): Promise<void> {
    await Promise.resolve();
    removeIfThere(() => {
      unlinkSync(this.#pathOf(this.#owner.agentId));
    });
  }

  close(): void {
    // Nothing is kept open.
  }

  #pathOf(agentId: string): string {
    const { directory, missing } = nearestDirectory(this.#uri.path);
    const owner = { ...this.#owner, agentId };
    return join(directory, sharedProbeName(owner, { ...this.#place, missing }));
  }
}

class SharedObjectProbe implements SharedProbe {
  readonly #place: SharedPlace;
  readonly #owner: ProbeOwner;
  readonly #store: ObjectStore;

  constructor(place: SharedPlace, owner: ProbeOwner, store: ObjectStore) {
    this.#place = place;
    this.#owner = owner;
    this.#store = store;
  }

  async place(): Promise<void> {
    await this.#probeOf(this.#owner.agentId).write();
  }

  async look(owners: readonly string[]): Promise<string[]> {
    if (owners.length > ASKED_BY_NAME) return this.#list(owners);
    const seen = await Promise.all(owners.map((agentId) => this.#probeOf(agentId).exists()));
    return owners.filter((_, index) => seen[index] === true);
  }

  async remove(): Promise<void> {
    await removeObject(this.#store, this.#probeOf(this.#owner.agentId));
  }

  close(): void {
    this.#store.close();
  }

  async #list(owners: readonly string[]): Promise<string[]> {
    const prefix = sharedProbePrefix(this.#owner, { ...this.#place, missing: '' });
    const seen = new Set<string>();
    await new ObjectClient(this.#store).list(prefix, ({ key }) => {
      seen.add(key.slice(prefix.length));
    });
    return owners.filter((agentId) => seen.has(agentId));
  }

  #probeOf(agentId: string): ObjectProbe {
    const owner = { ...this.#owner, agentId };
    return new ObjectProbe(this.#store, sharedProbeName(owner, { ...this.#place, missing: '' }));
  }
}

/** Removes a probe object if it is there: deleting one that is not would leave a mark where versions are kept. */
export async function removeObject(store: ObjectStore, probe: ObjectProbe): Promise<void> {
  if (!(await probe.exists())) return;
  // Who may not ask whether there are versions can still delete.
  const versioning = await store.versions?.status().catch(() => undefined);
  await probe.remove(versioning);
}

function removeIfThere(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Removes a file or an empty directory that preflight has made, if it is there. */
export function removeProbeFile(path: string): void {
  removeIfThere(() => {
    if (statSync(path).isDirectory()) rmdirSync(path);
    else unlinkSync(path);
  });
}
