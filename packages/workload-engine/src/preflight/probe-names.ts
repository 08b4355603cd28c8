import { createHash } from 'node:crypto';
import { BenchError } from '@sai3bench/errors';

/** What the name of everything begins with that preflight writes: by it, leftovers are recognised. */
const PREFIX = '.sai3bench-preflight-';

const HASH_DIGITS = 8;

/** Whose probes are meant. */
export interface ProbeOwner {
  /** The same for all agents of a preflight, and no other's. */
  readonly probeId: string;
  readonly agentId: string;
}

/** @throws BenchError `PREFLIGHT_PROBE_ID` for an id that could lead out of the place of a probe */
export function checkProbeId(probeId: string): void {
  if (/^[a-z0-9]{1,32}$/.test(probeId)) return;
  throw new BenchError('the id of the probes is not made of small letters and digits', {
    code: 'PREFLIGHT_PROBE_ID',
    class: 'config',
    hint: 'use agents and controller of the same version',
  });
}

/** The names of what the checks of files write, in each directory that they look at. */
export function fileProbeNames(owner: ProbeOwner): Record<'directory' | 'direct' | 'file', string> {
  const common = nameOf(owner, 'check');
  return { file: `${common}.file`, directory: `${common}.dir`, direct: `${common}.direct` };
}

/** The key of what the checks of S3 write through an endpoint. */
export function objectProbeName(owner: ProbeOwner, store: number, endpoint: number): string {
  return `${nameOf(owner, 'check')}.${String(store)}.${String(endpoint)}`;
}

/**
 * The name of the probe that other agents look for.
 *
 * @param endpoint where each object is at one endpoint: which; otherwise undefined
 * @param missing the path from the directory of the probe to the store, where that is to be made yet: stores that will be
 *   different directories have different probes
 */
export function sharedProbeName(
  owner: ProbeOwner,
  place: {
    readonly store: number;
    readonly endpoint: number | undefined;
    readonly missing: string;
  },
): string {
  return sharedProbePrefix(owner, place) + owner.agentId;
}

/** What the names begin with of the probes of all agents at one place. */
export function sharedProbePrefix(
  { probeId }: Pick<ProbeOwner, 'probeId'>,
  {
    endpoint,
    missing,
    store,
  }: {
    readonly store: number;
    readonly endpoint: number | undefined;
    readonly missing: string;
  },
): string {
  const where = endpoint === undefined ? 'any' : String(endpoint);
  const hash = createHash('sha256').update(missing).digest('hex').slice(0, HASH_DIGITS);
  return `${PREFIX}${probeId}.shared.${String(store)}.${where}.${hash}.`;
}

function nameOf({ agentId, probeId }: ProbeOwner, what: string): string {
  return `${PREFIX}${probeId}.${what}.${agentId}`;
}
