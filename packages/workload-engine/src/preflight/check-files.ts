import { userInfo } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import { type CheckContext, ownerOf } from './check-context.ts';
import { checkSpace } from './check-space.ts';
import { Checklist } from './checklist.ts';
import {
  type FileEndpoint,
  fileEndpoints,
  type FilePlace,
  type FileUses,
  joinUses,
} from './file-places.ts';
import type { FileLimits } from './file-thread.ts';
import { FileThreads } from './file-threads.ts';
import type { NearestDirectory } from './nearest-directory.ts';
import { pathDanger } from './path-safety.ts';

/** A network file system may take its time; one that takes so long for a single check is good for no run. */
const LIMITS: FileLimits = { slowMs: 250, hungMs: 10_000 };

/** A directory that is there, and everything that the plan does in it or in what it will make below. */
interface CheckedDirectory {
  /** The first address of the plan that leads to it. */
  readonly address: string;
  readonly path: string;
  readonly uses: FileUses;
  /** Addresses of the endpoints that it belongs to. */
  readonly endpoints: readonly string[];
}

/**
 * Checks every directory of files that a plan works in, each once, as far as the plan needs it. One that hangs is a finding
 * and keeps none of the others from being checked.
 */
export async function checkFiles(
  context: CheckContext,
  limits: FileLimits = LIMITS,
): Promise<void> {
  const endpoints = fileEndpoints(context.plan);
  if (endpoints.length === 0) return;
  reportIdentity(new Checklist('', context));
  const threads = new FileThreads(context, limits);
  try {
    await new FilesCheck(context, threads).run(endpoints);
  } finally {
    await threads.close();
  }
}

/** What it means when a directory is not there: it is needed, unless the plan makes it; nobody needs it; it was said already. */
type Absence = 'matters' | 'is told' | 'is known';

/** The checks of all directories of a plan. */
class FilesCheck {
  readonly #context: CheckContext;
  readonly #threads: FileThreads;
  /** By their paths without symbolic links. */
  readonly #directories = new Map<string, CheckedDirectory>();
  /** Addresses of the endpoints that can be looked at. */
  readonly #sound = new Set<string>();

  constructor(context: CheckContext, threads: FileThreads) {
    this.#context = context;
    this.#threads = threads;
  }

  async run(endpoints: readonly FileEndpoint[]): Promise<void> {
    for (const { address } of endpoints) this.#sound.add(address);
    await Promise.all(endpoints.map((endpoint) => this.#findDirectories(endpoint)));
    const directories = [...this.#directories.values()];
    await Promise.all(directories.map((directory) => this.#checkDirectory(directory)));
    await checkSpace(this.#context, this.#sound, this.#threads);
  }

  /** Finds the directories of an endpoint; where the endpoint itself is no good, nothing below it is looked at. */
  async #findDirectories({ address, below, mustExist, root }: FileEndpoint): Promise<void> {
    const warned = new Set<string>();
    const note = async (place: FilePlace, absence: Absence) => {
      const found = await this.#findPlace(address, place, warned, absence);
      if (found !== undefined) this.#note(address, place, found);
      return found;
    };
    const found = await note(root, mustExist ? 'matters' : 'is told');
    if (found === undefined) {
      this.#sound.delete(address);
      return;
    }
    // Below what is missing everything is: that is said once.
    const absenceOf = ({ list, read }: FilePlace): Absence =>
      found.missing !== '' ? 'is known' : read || list ? 'matters' : 'is told';
    await Promise.all(below.map((place) => note(place, absenceOf(place))));
  }

  #note(endpoint: string, place: FilePlace, { directory, realDirectory }: NearestDirectory): void {
    const known = this.#directories.get(realDirectory);
    this.#directories.set(realDirectory, {
      address: known?.address ?? place.address,
      path: known?.path ?? directory,
      uses: known === undefined ? place : joinUses(known.uses, place),
      endpoints: [...(known?.endpoints ?? []), endpoint],
    });
  }

  /**
   * The directory at a place, or the one below which it will be made; undefined when the place is no good.
   *
   * @param endpoint address of the endpoint that the place belongs to
   * @param warned directories of which there was a warning already
   */
  async #findPlace(
    endpoint: string,
    place: FilePlace,
    warned: Set<string>,
    absence: Absence,
  ): Promise<NearestDirectory | undefined> {
    const { address, path } = place;
    const checks = new Checklist(address, this.#context);
    const judge = (each: string): Promise<boolean> =>
      checks.attempt('safety', () => {
        judgePath(each, path, checks, warned);
      });
    if (!(await judge(path))) return undefined;
    const found = await this.#threads.run(address, { type: 'find', path });
    if (found === undefined) {
      // What cannot be looked at, or hangs, would do so again.
      this.#sound.delete(endpoint);
      return undefined;
    }
    const { directory, missing, realDirectory } = found;
    const isWell = await checks.attempt('stat', () => {
      if (missing !== '') reportMissing(place, checks, absence);
    });
    if (!isWell) return undefined;
    const real = join(realDirectory, missing);
    return join(directory, missing) === real || (await judge(real)) ? found : undefined;
  }

  async #checkDirectory({ address, endpoints, path, uses }: CheckedDirectory): Promise<void> {
    const owner = ownerOf(this.#context);
    const done = await this.#threads.run(address, { type: 'check', path, uses, owner });
    // Whether there is room on what hangs is not asked.
    if (done === undefined) for (const endpoint of endpoints) this.#sound.delete(endpoint);
  }
}

function reportIdentity(checks: Checklist): void {
  const { gid, uid, username } = userInfo();
  checks.report(
    'info',
    'SYSTEM',
    'identity',
    `running as ${username} (uid ${String(uid)}, gid ${String(gid)})`,
  );
}

/** @param written the path as the plan has it, of which `path` may be what symbolic links lead to */
function judgePath(path: string, written: string, checks: Checklist, warned: Set<string>): void {
  const danger = pathDanger(path);
  if (danger === undefined || warned.has(danger.inside)) return;
  warned.add(danger.inside);
  const what = path === written ? path : `${written}, which leads to ${path},`;
  if (danger.level === 'error') {
    throw new BenchError(`${what} lies in a directory of the system (${danger.inside})`, {
      code: 'PREFLIGHT_PROTECTED_PATH',
      class: 'config',
      hint: 'use a mount of its own, or a directory below /tmp',
    });
  }
  checks.report(
    'warning',
    'CONFIG',
    'safety',
    `${what} lies in ${danger.inside}, where other programs keep what they need`,
    'make sure that it is meant for benchmark data, or use a mount of its own',
  );
}

function reportMissing(
  { makes, path, write }: FilePlace,
  checks: Checklist,
  absence: Absence,
): void {
  if (absence === 'is known') return;
  if (makes || write) {
    checks.report('info', 'CONFIG', 'stat', `${path} does not exist yet and will be made`);
    return;
  }
  if (absence !== 'matters') return;
  throw new BenchError(`${path} does not exist, and the workload does not write there`, {
    code: 'PREFLIGHT_MISSING',
    class: 'config',
    hint: 'check the path and the mount, or add prepare.ensure_objects to make objects',
  });
}
