import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { parseTsv } from '@sai3bench/results-dir';
import type { Child } from '@sai3bench/testing';
import { agentsOf, countOf, readResult } from './tables.ts';
import { until } from './until.ts';

/** How many objects lie below a directory, at any depth. */
export function objectsBelow(directory: string): number {
  if (!existsSync(directory)) return 0;
  return readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.startsWith('.sai3-'),
  ).length;
}

/** What the rows of a perf_log.tsv say of the PUTs of a stage, added up. */
export function putsPerSecond(results: string, log: string, stage: string): number {
  return parseTsv(readResult(results, log))
    .filter((row) => row['stage'] === stage)
    .reduce((sum, row) => sum + Number(row['put_ops']), 0);
}

/** Waits until the controller has written rows of PUTs in the execute stage: of all agents, or of one. */
export function untilPutsAreKnown(
  controller: Child,
  results: string,
  log = 'perf_log.tsv',
): Promise<void> {
  return until(
    () => existsSync(join(results, log)) && putsPerSecond(results, log, 'execute') > 0,
    controller,
  );
}

/** What an agent has put in a stage, as its own table says. */
export function putsOfAgent(results: string, agent: string, stage: string): number {
  const rows = parseTsv(readResult(results, `agents/${agent}/results.tsv`));
  const row = rows.find(
    (each) =>
      each['stage'] === stage && each['operation'] === 'PUT' && each['size_bucket'] === 'ALL',
  );
  return Number(row?.['count'] ?? 0);
}

/**
 * Expects that everything which a results directory says of the PUTs of a stage is the same number: the table, the rows
 * of every second, and those of the agents; returns it.
 *
 * @param number of the stage, from 1
 */
export function expectOneTotal(results: string, number: number, stage: string): number {
  const file = `${String(number).padStart(2, '0')}_${stage}_results.tsv`;
  const total = countOf(results, file, 'PUT');
  const ofAgents = (of: (agent: string) => number): number =>
    agentsOf(results).reduce((sum, agent) => sum + of(agent), 0);
  expect({
    table: total,
    perSecond: putsPerSecond(results, 'perf_log.tsv', stage),
    ofAgents: ofAgents((agent) => putsOfAgent(results, agent, stage)),
    perSecondOfAgents: ofAgents((agent) =>
      putsPerSecond(results, join('agents', agent, 'perf_log.tsv'), stage),
    ),
  }).toEqual({ table: total, perSecond: total, ofAgents: total, perSecondOfAgents: total });
  return total;
}
