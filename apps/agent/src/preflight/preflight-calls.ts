import {
  type PlainPreflightAnswer,
  preflightAnswerToWire,
  preflightFromWire,
  type PreflightRequest,
  type PreflightResponse,
} from '@sai3bench/barrier-protocol';
import { BenchError, toErrorRecord } from '@sai3bench/errors';
import { parseAgentPlan } from '@sai3bench/workload-config';
import type { AgentSettings } from '../agent-settings.ts';
import { admit, notAllowed } from '../allowed/admission.ts';
import { refusedWork } from '../call-refusals.ts';
import type { AgentLog } from '../console/agent-log.ts';
import { programFindings } from '../custom/program-findings.ts';
import { type Credentials, environmentWith, secretsAmong } from '../secrets/credentials.ts';
import { PreflightSessions } from './preflight-session.ts';

/** Calls of controllers that want checks before their runs. */
export class PreflightCalls {
  readonly #log: AgentLog;
  readonly #settings: AgentSettings;
  readonly #sessions: PreflightSessions;

  constructor(log: AgentLog, settings: AgentSettings) {
    this.#log = log;
    this.#settings = settings;
    this.#sessions = new PreflightSessions(settings.workers);
  }

  /** Ends all of them, and waits until what they have written is removed, as far as storage lets that be. */
  async stop(): Promise<void> {
    await this.#sessions.stop();
  }

  /**
   * Answers a call.
   *
   * @param signal the controller is gone, or wants no more
   * @throws ConnectError when the plan makes no sense
   */
  async *answer(request: PreflightRequest, signal: AbortSignal): AsyncGenerator<PreflightResponse> {
    this.#log.debug('Running the checks before a run');
    try {
      for await (const answer of this.#answers(request, signal)) {
        if (answer.type === 'finding') {
          const { check, level, message } = answer.finding;
          this.#log.debug(`Check ${check}: ${level}: ${message}`);
        }
        yield this.#log.secrets.maskMessage(preflightAnswerToWire(answer));
      }
      yield preflightAnswerToWire({ type: 'end' });
    } catch (error) {
      throw refusedWork(this.#log.secrets.maskMessage(toErrorRecord(error)));
    }
  }

  async *#answers(
    request: PreflightRequest,
    signal: AbortSignal,
  ): AsyncGenerator<PlainPreflightAnswer> {
    let credentials: Credentials;
    try {
      credentials = await admit(request, this.#settings, this.#log);
    } catch (error) {
      const refusal = BenchError.from(error);
      if (refusal.class !== 'permission') throw refusal;
      yield { type: 'finding', finding: notAllowed(refusal) };
      return;
    }
    const asked = preflightFromWire(request);
    const plan = parseAgentPlan(request.planJson);
    const looksAgain = asked.sharing !== undefined && asked.sharing.step !== 'place';
    const programs = looksAgain ? [] : programFindings(plan, process.env['PATH'] ?? '');
    // Each finding is logged and sent before the next is asked for.
    const reveal = this.#log.secrets.conceal(secretsAmong(credentials));
    try {
      for (const finding of programs) yield { type: 'finding', finding };
      yield* this.#sessions.answer(asked, signal, environmentWith(process.env, credentials));
    } finally {
      reveal();
    }
  }
}
