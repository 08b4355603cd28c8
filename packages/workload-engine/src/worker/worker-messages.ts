import type { StageKind } from '@sai3bench/workload-config/plan';
import type { KeyListMemory } from '../memory/key-list.ts';
import type { StageMemory } from '../memory/stage-memory.ts';
import type { OtherParts } from '../selection/object-picker.ts';
import type { ErrorGroup } from '../stage/error-journal.ts';
import type { LoopEnd } from '../stage/slot-loop.ts';
import type { ErrorRecord } from '@sai3bench/errors';

/** What the host tells a worker. */
export type WorkerCommand =
  /** List the keys of the entries whose keys cannot be computed. */
  | { readonly type: 'list-keys'; readonly request: number; readonly entries: readonly number[] }
  /** Make the connections that are missing. */
  | { readonly type: 'warm-up'; readonly request: number }
  /** Carry out a stage from `startAtNs` on (monotonic clock). */
  | {
      readonly type: 'run-stage';
      readonly kind: StageKind;
      /** How many operations of the mix all workers together carry out at most; undefined for any number. */
      readonly operations: number | undefined;
      readonly startAtNs: number;
      /** Infinity for stages that end with their tasks. */
      readonly endAtNs: number;
      readonly prepared: boolean;
      /** What other agents have, by pool. */
      readonly others: readonly OtherParts[];
      /** What threads share to choose operations. */
      readonly memory: StageMemory;
      readonly listed: readonly (readonly [number, KeyListMemory])[];
    }
  /** Stop the operations under way. */
  | { readonly type: 'cancel' }
  /** Remove the directories that this worker has made, as far as they are empty. */
  | { readonly type: 'remove-directories'; readonly request: number }
  /** Free everything and end. */
  | { readonly type: 'close' };

/** What a worker tells the host. */
export type WorkerEvent =
  | { readonly type: 'ready' }
  /** How many objects it has seen so far, while it lists keys. */
  | { readonly type: 'listing-keys'; readonly seen: number }
  | {
      readonly type: 'keys-listed';
      readonly request: number;
      readonly listed: readonly (readonly [number, KeyListMemory])[];
    }
  /** How many of the directories that it has made it has tried to remove. */
  | { readonly type: 'removing-directories'; readonly tried: number; readonly total: number }
  /** As many connections are there as could be made. */
  | { readonly type: 'warmed-up'; readonly request: number }
  /** Why directories are left: most likely they are not empty (yet). */
  | {
      readonly type: 'directories-removed';
      readonly request: number;
      readonly left: readonly ErrorGroup[];
    }
  /** Failures since the last such message. */
  | { readonly type: 'errors'; readonly groups: readonly ErrorGroup[] }
  | {
      readonly type: 'stage-ended';
      readonly end: LoopEnd;
      /** When there was first no task left for an operation (monotonic clock); 0 when there always was. */
      readonly ranDryNs: number;
      /** First start and last end of an operation (monotonic clock); 0 when there was none. */
      readonly firstStartNs: number;
      readonly lastEndNs: number;
    }
  /** A request, or the worker itself, failed. */
  | { readonly type: 'failed'; readonly request?: number; readonly error: ErrorRecord };
