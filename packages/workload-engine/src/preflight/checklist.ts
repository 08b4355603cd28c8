import { BenchError, type ErrorClass, summarizeError } from '@sai3bench/errors';
import { systemErrorMeaning } from '@sai3bench/object-store';
import type { CheckContext } from './check-context.ts';
import type { CheckName, FindingClass, FindingLevel } from './finding.ts';

const CLASSES: Readonly<Record<ErrorClass, FindingClass>> = {
  config: 'CONFIG',
  auth: 'AUTH',
  permission: 'PERM',
  'not-found': 'CONFIG',
  network: 'NET',
  timeout: 'NET',
  throttled: 'NET',
  server: 'SYSTEM',
  integrity: 'SYSTEM',
  resource: 'RESOURCE',
  cancelled: 'SYSTEM',
  internal: 'SYSTEM',
};

/** Collects the findings of the checks of one target. */
export class Checklist {
  readonly target: string;
  readonly #context: Pick<CheckContext, 'onChecking' | 'onFinding' | 'signal'>;

  /** @param target address of the store, or empty for the host */
  constructor(target: string, context: Pick<CheckContext, 'onChecking' | 'onFinding' | 'signal'>) {
    this.target = target;
    this.#context = context;
  }

  report(
    level: FindingLevel,
    findingClass: FindingClass,
    check: CheckName,
    message: string,
    hint?: string,
  ): void {
    this.#context.onFinding({
      level,
      class: findingClass,
      check,
      target: this.target,
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /**
   * Carries out a check; what it throws becomes an error finding. Once the checks are to end it does nothing.
   *
   * @returns whether the check passed
   */
  async attempt(check: CheckName, work: () => Promise<void> | void): Promise<boolean> {
    if (this.#context.signal.aborted) return false;
    const where = this.target === '' ? 'this host' : this.target;
    this.#context.onChecking(`${check} of ${where}`, check);
    try {
      await work();
      return true;
    } catch (error) {
      this.fail(check, error);
      return false;
    }
  }

  /** Reports an error, classified, with its causes and its hint. */
  fail(check: CheckName, error: unknown): void {
    this.#explain('error', check, error);
  }

  /** The same as a warning: what is wrong need not keep the run from its work. */
  warn(check: CheckName, error: unknown): void {
    this.#explain('warning', check, error);
  }

  #explain(level: FindingLevel, check: CheckName, error: unknown): void {
    // What ends early fails, but that says nothing.
    if (this.#context.signal.aborted) return;
    const meaning = BenchError.is(error)
      ? error
      : (systemErrorMeaning(error) ?? BenchError.from(error));
    this.report(level, CLASSES[meaning.class], check, summarizeError(error), meaning.hint);
  }
}
