import { type AgentLink, exitCodeOf, type StopSignal } from '@sai3bench/coordinator';
import type { ExitCode } from '@sai3bench/errors';
import { Terminal } from '@sai3bench/terminal';
import type { ProcessIo } from '../process-io.ts';

/**
 * Asks agents something, all at once, and closes the links to them.
 *
 * @returns undefined when the program is to end before all have answered
 */
export async function askAll<Answer>(
  links: readonly AgentLink[],
  ask: (link: AgentLink) => Promise<Answer>,
  stop: StopSignal,
): Promise<readonly PromiseSettledResult<Answer>[] | undefined> {
  try {
    return await stop.race(Promise.allSettled(links.map(ask)));
  } finally {
    for (const link of links) link.close();
  }
}

/** Says what it means that the program is to end before all agents have answered; returns what it exits with. */
export function endUnanswered({ sink, stop }: ProcessIo, meaning: string): ExitCode {
  new Terminal(sink).print(`Interrupted ${meaning}`);
  return exitCodeOf({ kind: stop.reason ?? 'interrupted' });
}
