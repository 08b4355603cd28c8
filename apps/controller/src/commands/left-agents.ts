import { isProcessGone } from '@sai3bench/control-link';
import {
  AgentLink,
  type LeftRun,
  ownAgentError,
  readLeftRun,
  type StopSignal,
} from '@sai3bench/coordinator';
import { Terminal } from '@sai3bench/terminal';
import { resolve } from 'node:path';
import { AgentLinks, type LinkOptions } from '../agents/agent-links.ts';
import type { ProcessIo } from '../process-io.ts';
import { askAll } from './ask-all.ts';

/** How long an agent may take to answer a question about a run. */
export const ANSWER_TIMEOUT_MS = 5_000;

/** A run that goes on, and the ways to its agents. */
export interface LeftAgents {
  readonly path: string;
  readonly left: LeftRun;
  readonly links: AgentLinks;
  /** Whether there is still to be waited for answers. */
  readonly stop: StopSignal;
}

/**
 * Finds a run by its results directory.
 *
 * @throws BenchError `RUN_HAS_ENDED` when it does not go on any more; of class `config` for what is wrong with the links
 */
export function findLeftRun(directory: string, options: LinkOptions, io: ProcessIo): LeftAgents {
  const path = resolve(io.cwd, directory);
  const left = readLeftRun(path);
  const links = new AgentLinks(
    options,
    io.env,
    (text) => {
      new Terminal(io.sink).print(`⚠ ${text}`);
    },
    left.run.workload.keepAlive,
  );
  links.check(left.run.agents);
  return { path, left, links, stop: io.stop };
}

/**
 * Asks every agent of a run something, all at once; of a run that has ended, those that have not confirmed it. Of agents that
 * ended with their controller, that is the answer.
 *
 * @returns undefined when the program is to end before all have answered
 */
export async function askAgents<Answer>(
  { left, links, stop }: LeftAgents,
  ask: (link: AgentLink) => Promise<Answer>,
): Promise<readonly (readonly [AgentLink, PromiseSettledResult<Answer>])[] | undefined> {
  const unconfirmed = left.ended?.unconfirmed;
  const all = left.run.agents
    .filter(({ id }) => unconfirmed?.includes(id) ?? true)
    .map(({ address, id }) => new AgentLink(id, address, () => links.connect(address)));
  const answers = await askAll(all, ask, stop);
  if (answers === undefined) return undefined;
  const { controller, ownsAgents } = left.run;
  const haveEnded = ownsAgents && isProcessGone(controller);
  return all.flatMap((link, index) => {
    const answer = answers[index];
    if (answer === undefined) return [];
    const isKnown = haveEnded && answer.status === 'rejected';
    return [[link, isKnown ? { ...answer, reason: ownAgentError(link.id) } : answer] as const];
  });
}

/** That a run has ended, for whom that is not certain, and whose work is not in its results. */
export function describeEnd({
  at,
  holding = [],
  unconfirmed,
}: NonNullable<LeftRun['ended']>): string {
  const silent = unconfirmed.filter((id) => !holding.includes(id));
  return [
    `has ended at ${at}`,
    ...(silent.length === 0 ? [] : [`not yet confirmed by ${silent.join(', ')}`]),
    ...(holding.length === 0 ? [] : [`not yet taken over: the work of ${holding.join(', ')}`]),
  ].join('; ');
}
