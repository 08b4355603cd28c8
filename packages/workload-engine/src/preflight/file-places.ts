import { isFileUri, joinUri, parseStoreUri } from '@sai3bench/store-uri';
import { type AgentPlan, type PlanPlace, planPlaces } from '@sai3bench/workload-config/plan';

/** What a plan does in a directory of files. */
export interface FileUses {
  readonly read: boolean;
  readonly write: boolean;
  readonly list: boolean;
  readonly remove: boolean;
  /** Whether files are read or written past the page cache. */
  readonly direct: boolean;
  /** Whether what is read there is made by the plan itself, in it, above it or below it. */
  readonly makes: boolean;
}

/** A directory of files that a plan works in. */
export interface FilePlace extends FileUses {
  /** As it is written in findings. */
  readonly address: string;
  readonly path: string;
}

/** An endpoint of files, and the directories below it that a plan works in. */
export interface FileEndpoint {
  readonly address: string;
  /** The endpoint itself, which is looked at even where nothing lies right in it. */
  readonly root: FilePlace;
  readonly below: readonly FilePlace[];
  /** Whether anything at all must be there already. */
  readonly mustExist: boolean;
}

/** All endpoints of files of a plan. */
export function fileEndpoints(plan: AgentPlan): FileEndpoint[] {
  const places = planPlaces(plan);
  return plan.stores.flatMap(({ endpoints }, store) => {
    const ofStore = places.filter((place) => place.store === store);
    return endpoints.flatMap((address) => {
      const uri = parseStoreUri(address);
      if (!isFileUri(uri)) return [];
      const placeAt = (place: PlanPlace): FilePlace => ({
        address: joinUri(address, place.directory),
        path: uri.path + place.directory,
        ...{ read: place.read, write: place.write, list: place.list, remove: place.remove },
        direct: uri.scheme === 'direct' && (place.read || place.write),
        makes: ofStore.some(
          ({ directory, write }) => write && areNested(directory, place.directory),
        ),
      });
      const root = ofStore.find(({ directory }) => directory === '') ?? { ...UNUSED, store };
      return [
        {
          address,
          root: placeAt(root),
          below: ofStore.filter(({ directory }) => directory !== '').map(placeAt),
          mustExist: ofStore.some(({ list, read }) => read || list),
        },
      ];
    });
  });
}

const UNUSED = { directory: '', read: false, write: false, list: false, remove: false } as const;

function areNested(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** What is done by either. */
export function joinUses(one: FileUses, other: FileUses): FileUses {
  return {
    read: one.read || other.read,
    write: one.write || other.write,
    list: one.list || other.list,
    remove: one.remove || other.remove,
    direct: one.direct || other.direct,
    makes: one.makes || other.makes,
  };
}
