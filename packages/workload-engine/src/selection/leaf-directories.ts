import { DirectoryTree, type IndexRange } from '@sai3bench/datagen';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { madeDirectoryPrefix } from './put-names.ts';

/**
 * The directories in the last level of a pool's tree that belong to the agent, numbered from 0: those with prepared files
 * in them, and as many that the mix makes in a directory of the run's own.
 */
export class LeafDirectories {
  /** How many belong to the agent. */
  readonly count: number;
  readonly #tree: DirectoryTree;
  readonly #begin: number;
  readonly #own: IndexRange;
  readonly #prefix: string;
  readonly #madePrefix: string;

  private constructor(tree: DirectoryTree, plan: AgentPlan, prefix: string, own: IndexRange) {
    const { begin, end } = tree.ownDirectories(tree.spec.depth, plan.share.index, plan.share.count);
    this.count = end - begin;
    this.#tree = tree;
    this.#begin = begin;
    this.#own = own;
    this.#prefix = prefix;
    this.#madePrefix = prefix + madeDirectoryPrefix(plan.runId);
  }

  /** Those of a pool; undefined when it has no tree. */
  static of(plan: AgentPlan, pool: number): LeafDirectories | undefined {
    const { naming, own, prefix } = plan.pools[pool] ?? {};
    if (naming?.type !== 'tree' || own === undefined || prefix === undefined) return undefined;
    return new LeafDirectories(new DirectoryTree(naming), plan, prefix, own);
  }

  /** Where the mix makes a directory. */
  madeKeyOf(directory: number): string {
    return withoutSlash(this.#madePrefix + this.#tree.pathOf(this.#begin + directory));
  }

  /** A directory with prepared files. */
  keyOf(directory: number): string {
    return withoutSlash(this.#prefix + this.#tree.pathOf(this.#begin + directory));
  }

  /** The files of a directory if all of them belong to the agent; otherwise none. */
  ownFilesOf(directory: number): IndexRange {
    const files = this.#tree.filesOf(this.#begin + directory);
    const isOwn = files.begin >= this.#own.begin && files.end <= this.#own.end;
    return isOwn ? files : { begin: 0, end: 0 };
  }
}

function withoutSlash(path: string): string {
  return path.slice(0, -1);
}
