import type { BegunStage } from '@sai3bench/coordinator';
import type { Workload } from '@sai3bench/workload-config';
import { madeDirectoryPrefix, putRunPrefix } from '@sai3bench/workload-engine';

/** What a run leaves on the storage when it ends before its time. */
export interface LeftObjects {
  /** Whether there are objects that prepare has made: another run of the same file knows them. */
  readonly prepared: boolean;
  /** With what the names begin that only this run knows: those that its operation mix has made. */
  readonly madeByMix: readonly string[];
}

/** @param begun what was begun of its stages, in order: what came before a cleanup that did all its work is gone */
export function leftObjects(
  { ensureObjects, operations }: Pick<Workload, 'ensureObjects' | 'operations'>,
  runId: string,
  begun: readonly BegunStage[],
): LeftObjects {
  const cleanedAt = begun.findLastIndex(({ isWhole, kind }) => kind === 'cleanup' && isWhole);
  const left = begun.slice(cleanedAt + 1);
  const has = (...kinds: readonly string[]): boolean =>
    left.some(({ kind }) => kinds.includes(kind));
  const mixHas = (op: string): boolean =>
    has('execute', 'hybrid') && operations.some((operation) => operation.op === op);
  return {
    prepared: ensureObjects.length > 0 && has('prepare', 'cleanup'),
    madeByMix: [
      ...(mixHas('put') ? [putRunPrefix(runId)] : []),
      ...(mixHas('mkdir') ? [madeDirectoryPrefix(runId)] : []),
    ],
  };
}

/**
 * What to do about what a run has left: prepared objects can be gone on from, what the mix has made only be removed by hand.
 *
 * @param configPath the workload file
 */
export function hintsOfLeft({ madeByMix, prepared }: LeftObjects, configPath: string): string[] {
  return [
    ...(prepared
      ? [
          `Prepared objects may still be there: another run of ${configPath} goes on from them, sai3bench-ctl cleanup --config ${configPath} deletes them`,
        ]
      : []),
    ...(madeByMix.length > 0
      ? [
          `What the workload has made may still be there, and a later cleanup does not know it: remove what is named ${madeByMix.map((begin) => `${begin}*`).join(' or ')} by hand`,
        ]
      : []),
  ];
}
