import { type PlainFinding, PushQueue } from '@sai3bench/barrier-protocol';
import { type Finding, type HostEvent, HostProcess } from '@sai3bench/workload-engine';
import { openPlan } from './opened-plan.ts';

/** A single check that takes longer than this counts as hung. */
const CHECK_TIMEOUT_MS = 15_000;
const POOL_THREADS = 4;

/**
 * Runs the checks of a plan in a process of their own and yields their findings. A check that hangs becomes an error
 * finding, and its process is killed.
 *
 * @param workers worker threads that the agent was told to use
 * @param env environment of the process
 * @throws BenchError `PLAN_INVALID` when the plan cannot be understood
 */
export async function* checkPlanInProcess(
  planJson: string,
  workers: number | undefined,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv,
): AsyncGenerator<PlainFinding> {
  const { layout, plan } = openPlan(planJson, workers);
  const findings = new PushQueue<Finding>();
  let checking = 'the host';
  let timer: NodeJS.Timeout | undefined;
  const systemError = (message: string, hint: string): void => {
    findings.push({ level: 'error', class: 'SYSTEM', check: 'checks', target: '', message, hint });
    findings.close();
  };
  const restartTimer = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      systemError(
        `the check "${checking}" has not ended after ${String(CHECK_TIMEOUT_MS / 1000)} s`,
        'the target seems to hang: check the mount, or the network to it',
      );
    }, CHECK_TIMEOUT_MS);
  };
  const onEvent = (event: HostEvent): void => {
    restartTimer();
    if (event.type === 'checking') checking = event.what;
    else if (event.type === 'finding') findings.push(event.finding);
    else if (event.type === 'checked') findings.close();
    else if (event.type === 'failed') {
      systemError(event.error.message, event.error.hint ?? 'see the log of the agent');
    }
  };
  const host = new HostProcess({
    threadPoolSize: POOL_THREADS,
    env,
    onEvent,
    onDeath: (error) => {
      systemError(error.message, error.hint ?? 'see the log of the agent');
    },
  });
  const stop = (): void => {
    findings.close();
  };
  signal.addEventListener('abort', stop);
  try {
    restartTimer();
    host.send({ type: 'check', plan, layout });
    yield* findings;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    await host.kill(0);
  }
}
