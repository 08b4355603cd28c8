import type { HostCommand, HostEvent } from '../host/host-messages.ts';
import type { CheckContext } from './check-context.ts';
import { checkPlan } from './check-plan.ts';
import { lookForProbes, placeProbes, removeProbes } from './run-probe-step.ts';

type PreflightCommand = Extract<HostCommand, { type: 'check' | 'probe' }>;

/**
 * Carries out what is asked before a run, and reports that it is over.
 *
 * @param signal ends it: what it has written is removed then
 * @throws BenchError `PREFLIGHT_PROBE_ID` for ids that cannot be parts of names
 */
export async function runPreflight(
  command: PreflightCommand,
  signal: AbortSignal,
  emit: (event: HostEvent) => void,
): Promise<void> {
  const { plan, probeId } = command;
  const context: CheckContext = {
    ...{ plan, probeId, signal },
    onFinding: (finding) => {
      emit({ type: 'finding', finding });
    },
    onChecking: (what) => {
      emit({ type: 'checking', what });
    },
  };
  if (command.type === 'check') await checkPlan(context, command.layout);
  else await takeStep(command, context, emit);
  emit({ type: 'checked' });
}

async function takeStep(
  { owners, step }: Extract<HostCommand, { type: 'probe' }>,
  context: CheckContext,
  emit: (event: HostEvent) => void,
): Promise<void> {
  switch (step) {
    case 'place':
      await placeProbes(context);
      return;
    case 'look':
      await lookForProbes(context, owners, (sight) => {
        emit({ type: 'sight', sight });
      });
      return;
    case 'remove':
      await removeProbes(context);
      return;
  }
}
