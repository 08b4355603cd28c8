import { cpSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { allocateObjectStates, encodeStates, ObjectStates } from '@sai3bench/metadata-cache';
import type { StageKind } from '@sai3bench/workload-config';
import { datasetSuite } from '../testing/dataset-suite.ts';
import { makeObjects, type OpenDataset, openDataset } from '../testing/open-dataset.ts';
import { planOf } from '../testing/run-plan.ts';
import type { KeptPool } from './pools/kept-pool.ts';

const COUNT = 40;
const TOLD = /40 objects were made of which the newest .* says nothing: they are verified/;

const suite = datasetSuite();

function cacheOf(host: string): string {
  return join(suite.path, host);
}

/** An agent of a host that knows nothing of the agents of others. */
async function open(agentId: string, host = agentId): Promise<OpenDataset> {
  const plan = planOf(`
target: file://${suite.data}/
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 10}]}
workload: [{op: get, path: "*", weight: 1}]
distributed: {kv_cache_dir: ${cacheOf(host)}, stages: [{name: fill, order: 1, type: prepare}]}
`);
  return openDataset({ ...plan, agentId });
}

async function load(run: OpenDataset, kind: StageKind): Promise<KeptPool> {
  await run.dataset.load(
    kind,
    () => false,
    () => undefined,
  );
  return onlyPool(run);
}

function onlyPool({ pools }: OpenDataset): KeptPool {
  const [pool] = pools;
  if (pool === undefined) throw new RangeError('the plan has no pool');
  return pool;
}

/** Makes the objects. */
async function prepare(agentId: string): Promise<void> {
  const run = await open(agentId);
  makeObjects(suite.data, await load(run, 'prepare'));
  await run.dataset.stageEnded('prepare', true);
  await run.close();
}

/** Reads the objects without knowing whose they are, and writes down that it does not know. */
async function read(agentId: string, host?: string): Promise<OpenDataset> {
  const run = await open(agentId, host);
  const { states } = await load(run, 'execute');
  expect(states.countOf('unknown')).toBe(COUNT);
  await run.dataset.stageEnded('execute', true);
  return run;
}

/** Lets one agent know what another does, as a controller does before a run. */
async function tell(to: OpenDataset, from: OpenDataset): Promise<void> {
  const { identity } = onlyPool(to);
  const [known] = from.dataset.knowledge().flatMap((pool) => pool.known);
  if (known === undefined) throw new RangeError('the agent knows nothing');
  to.dataset.learn(identity, known, await from.dataset.statesOf(identity, known.begin, known.end));
}

/** Deletes what is ours, as a cleanup stage does. */
function deleteOurs({ objects, states }: KeptPool): void {
  for (let position = 0; position < states.count; position++) {
    if (!['creating', 'created'].includes(states.get(position))) continue;
    rmSync(join(suite.data, objects.dataset.keyOf(position)));
    states.set(position, 'deleted');
  }
}

function objectsLeft(): string[] {
  return readdirSync(suite.data).filter((name) => name.startsWith('prepared-'));
}

/** Objects were made, of which an agent of another host, that is asked before, writes down that it knows nothing. */
async function toldOfUnknown(): Promise<OpenDataset> {
  await prepare('maker');
  const ignorant = await read('reader');
  await ignorant.close();
  const reader = await open('reader');
  const maker = await open('maker');
  await tell(maker, reader);
  return maker;
}

/** Objects were made; a run on another host cannot read the checkpoint, and is killed. */
async function killedWithoutCheckpoint(): Promise<void> {
  await prepare('maker');
  const checkpoint = join(suite.data, '.sai3-cache-maker.tar.zst');
  const aside = join(suite.path, 'aside');
  const left = join(suite.path, 'left');
  renameSync(checkpoint, aside);
  const killed = await read('maker', 'other');
  cpSync(cacheOf('other'), left, { recursive: true });
  await killed.close();
  rmSync(cacheOf('other'), { recursive: true });
  renameSync(left, cacheOf('other'));
  renameSync(aside, checkpoint);
}

describe('objects of which the newest that is known says nothing', () => {
  it('are ours if the own cache says so, whatever another agent does not know', async () => {
    const maker = await toldOfUnknown();
    const { states } = await load(maker, 'prepare');
    expect(states.countOf('created')).toBe(COUNT);
    expect(maker.notices.join('\n')).toMatch(TOLD);
  });

  it('are ours if a checkpoint says so, whatever the own cache does not know', async () => {
    await killedWithoutCheckpoint();
    const run = await open('maker', 'other');
    const { states } = await load(run, 'prepare');
    expect(states.countOf('created')).toBe(COUNT);
    expect(run.notices.join('\n')).toMatch(TOLD);
  });

  it('are looked for: those that are gone are made again', async () => {
    const maker = await toldOfUnknown();
    const [gone = ''] = objectsLeft();
    rmSync(join(suite.data, gone));
    const { states } = await load(maker, 'prepare');
    expect(states.counts()).toMatchObject({ created: COUNT - 1, planned: 1 });
  });

  it('are deleted by a clean-up after that', async () => {
    await killedWithoutCheckpoint();
    const run = await open('maker', 'other');
    await load(run, 'prepare');
    await run.dataset.stageEnded('prepare', true);
    deleteOurs(await load(run, 'cleanup'));
    expect(objectsLeft()).toEqual([]);
  });

  it('are deleted by a clean-up without a prepare before it', async () => {
    const maker = await toldOfUnknown();
    deleteOurs(await load(maker, 'cleanup'));
    expect(objectsLeft()).toEqual([]);
  });

  it('are told to another agent as ours, but in doubt', async () => {
    await killedWithoutCheckpoint();
    const run = await open('maker', 'other');
    const successor = await open('successor');
    await tell(successor, run);
    expect(successor.notices).toEqual([]);
    const { states } = await load(successor, 'prepare');
    expect(states.countOf('created')).toBe(COUNT);
    expect(successor.notices.join('\n')).toContain('40 objects are verified');
  });
});

describe('objects of which the newest that is known says that they are not there', () => {
  it.each(['planned', 'deleted'] as const)('are %s, whatever was known earlier', async (state) => {
    await prepare('maker');
    const run = await open('maker');
    const [pool] = run.dataset.knowledge();
    const [known] = pool?.known ?? [];
    if (pool === undefined || known === undefined) throw new RangeError('nothing is known');
    const told = new ObjectStates(allocateObjectStates(COUNT), COUNT);
    told.fill(0, COUNT, state);
    const later = { ...known, generation: known.generation + 1 };
    run.dataset.learn(pool.identity, later, {
      ...{ states: encodeStates(told), doubtful: [], madeSince: undefined },
    });
    const { states } = await load(run, 'prepare');
    expect(states.countOf(state)).toBe(COUNT);
    expect(run.notices).toEqual([]);
  });
});
