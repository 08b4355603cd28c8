import {
  preflightAnswerToWire,
  preflightFromWire,
  type PreflightRequest,
} from '@sai3bench/barrier-protocol';
import { parseAgentPlan } from '@sai3bench/workload-config';
import type { FakeBehavior } from './fake-behavior.ts';

/** The checks of a fake agent before a run. */
export class FakePreflight {
  /** What it was asked for, and when probes no longer had to stay. */
  readonly asked: string[] = [];
  /** Fulfilled when its probes no longer have to stay. */
  readonly released: Promise<void>;
  readonly #behavior: FakeBehavior;
  readonly #release: () => void;

  constructor(behavior: FakeBehavior) {
    this.#behavior = behavior;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.released = promise;
    this.#release = resolve;
  }

  async *answer(
    request: PreflightRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ReturnType<typeof preflightAnswerToWire>> {
    const { findings = [], neverChecked, sees } = this.#behavior;
    const { planJson, sharing } = preflightFromWire(request);
    const plan = parseAgentPlan(planJson);
    this.asked.push(sharing?.step ?? 'check');
    if (sharing === undefined || sharing.step === 'place') {
      if (neverChecked === true) await aborted(signal);
      for (const finding of findings) yield preflightAnswerToWire({ type: 'finding', finding });
      if (sharing !== undefined && !findings.some(({ level }) => level === 'error')) {
        yield preflightAnswerToWire({ type: 'placed' });
        await aborted(signal);
        this.asked.push('released');
        this.#release();
      }
    } else if (sharing.step === 'look') {
      const owners = sees?.(sharing.owners) ?? sharing.owners;
      for (const target of plan.stores[0]?.endpoints ?? []) {
        yield preflightAnswerToWire({ type: 'sight', sight: { store: 0, target, owners } });
      }
    }
    yield preflightAnswerToWire({ type: 'end' });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else {
      signal.addEventListener('abort', () => {
        resolve();
      });
    }
  });
}
