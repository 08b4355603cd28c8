import { join } from 'node:path';
import { BenchError, summarizeError } from '@sai3bench/errors';
import { TimeLimit, untilAborted } from '../dataset/time-limit.ts';
import { type CheckContext, ownerOf } from './check-context.ts';
import { Checklist } from './checklist.ts';
import { fileEndpoints } from './file-places.ts';
import type { CheckName } from './finding.ts';
import { nearestDirectory } from './nearest-directory.ts';
import { ObjectProbe } from './object-probe.ts';
import { openProbeStore } from './open-probe-store.ts';
import { checkProbeId, fileProbeNames, objectProbeName } from './probe-names.ts';
import { changesObjects, s3EndpointsOf } from './s3-endpoints.ts';
import {
  openSharedProbe,
  removeObject,
  removeProbeFile,
  type SharedPlace,
  sharedPlaces,
  type SharedProbe,
} from './shared-probe.ts';

/** Whose probes an agent sees at one of its endpoints. */
export interface ProbeSight {
  /** Position of the store in the plan. */
  readonly store: number;
  /** Address of the endpoint. */
  readonly target: string;
  readonly owners: readonly string[];
}

/** For one step at one endpoint. */
const STEP_LIMIT_MS = 8_000;

/**
 * Writes the probes that other agents look for.
 *
 * @throws BenchError `PREFLIGHT_PROBE_ID` for an id that cannot be a part of names
 */
export async function placeProbes(context: CheckContext): Promise<void> {
  checkProbeId(context.probeId);
  const places = sharedPlaces(context.plan).filter(({ isPlaced }) => isPlaced);
  await atEach(context, places, 'sharing', (probe) => probe.place());
}

/**
 * Looks for the probes of other agents at every endpoint.
 *
 * @param owners the agents
 * @throws BenchError `PREFLIGHT_PROBE_ID` for an id that cannot be a part of names
 */
export async function lookForProbes(
  context: CheckContext,
  owners: readonly string[],
  onSight: (sight: ProbeSight) => void,
): Promise<void> {
  checkProbeId(context.probeId);
  for (const owner of owners) checkOwner(owner);
  await atEach(context, sharedPlaces(context.plan), 'sharing', async (probe, place) => {
    onSight({ store: place.store, target: place.address, owners: await probe.look(owners) });
  });
}

/**
 * Removes everything that this preflight of this agent has written and that is still there: what other agents look for,
 * and what checks have left that were killed.
 *
 * @throws BenchError `PREFLIGHT_PROBE_ID` for an id that cannot be a part of names
 */
export async function removeProbes(context: CheckContext): Promise<void> {
  checkProbeId(context.probeId);
  const places = sharedPlaces(context.plan).filter(({ isPlaced }) => isPlaced);
  await atEach(context, places, 'remove', (probe) => probe.remove());
  await removeCheckObjects(context);
  await removeCheckFiles(context);
}

async function removeCheckObjects(context: CheckContext): Promise<void> {
  const endpoints = s3EndpointsOf(context.plan).filter(changesObjects);
  await Promise.all(
    endpoints.map(async ({ address, endpoint, store }) => {
      const key = objectProbeName(ownerOf(context), store, endpoint);
      await stepAt(context, address, 'remove', async () => {
        const opened = await openProbeStore(address, context.plan);
        try {
          await removeObject(opened, new ObjectProbe(opened, key));
        } finally {
          opened.close();
        }
      });
    }),
  );
}

async function removeCheckFiles(context: CheckContext): Promise<void> {
  const names = Object.values(fileProbeNames(ownerOf(context)));
  const directories = new Set<string>();
  const places = fileEndpoints(context.plan).flatMap(({ below, root }) => [root, ...below]);
  for (const { address, path } of places.filter(({ remove, write }) => remove || write)) {
    await stepAt(context, address, 'remove', async () => {
      await Promise.resolve();
      const { directory } = nearestDirectory(path);
      if (directories.has(directory)) return;
      directories.add(directory);
      for (const name of names) removeProbeFile(join(directory, name));
    });
  }
}

/** Does a step at several places side by side. */
async function atEach(
  context: CheckContext,
  places: readonly SharedPlace[],
  check: CheckName,
  work: (probe: SharedProbe, place: SharedPlace) => Promise<void>,
): Promise<void> {
  await Promise.all(
    places.map((place) =>
      stepAt(context, place.address, check, async () => {
        const probe = await openSharedProbe(place, ownerOf(context), context.plan);
        try {
          await work(probe, place);
        } finally {
          probe.close();
        }
      }),
    ),
  );
}

/** What fails becomes a finding; so does what takes too long. */
async function stepAt(
  context: CheckContext,
  address: string,
  check: CheckName,
  work: () => Promise<void>,
): Promise<void> {
  const checks = new Checklist(address, context);
  const limit = new TimeLimit(STEP_LIMIT_MS, context.signal);
  try {
    await checks.attempt(check, async () => {
      try {
        await untilAborted(limit.signal, work);
      } catch (cause) {
        throw check === 'remove' ? leftError(cause, context.probeId) : cause;
      }
    });
  } finally {
    limit.off();
  }
}

function leftError(cause: unknown, probeId: string): BenchError {
  return new BenchError(
    `probes of preflight may be left, their names have ${probeId} in them: ${summarizeError(cause)}`,
    {
      code: 'PREFLIGHT_PROBES_LEFT',
      class: BenchError.is(cause) ? cause.class : 'permission',
      hint: 'remove them by hand',
    },
  );
}

/** @throws BenchError `PREFLIGHT_PROBE_ID` for an id of an agent that could lead out of the place of a probe */
function checkOwner(agentId: string): void {
  if (/^[A-Za-z0-9][\w.-]*$/.test(agentId)) return;
  throw new BenchError(`"${agentId}" cannot be the id of an agent`, {
    code: 'PREFLIGHT_PROBE_ID',
    class: 'config',
    hint: 'use agents and controller of the same version',
  });
}
