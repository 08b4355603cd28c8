import { BenchError, type ErrorClass, summarizeError } from '@sai3bench/errors';
import { systemErrorMeaning } from '@sai3bench/object-store';
import type { Finding, FindingClass, FindingLevel } from './finding.ts';

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
  readonly #onFinding: (finding: Finding) => void;
  readonly #onChecking: (what: string) => void;

  /**
   * @param target address of the store, or empty for the host
   * @param onChecking told what is about to be checked, so that a check that never ends can be named
   */
  constructor(
    target: string,
    onFinding: (finding: Finding) => void,
    onChecking: (what: string) => void,
  ) {
    this.target = target;
    this.#onFinding = onFinding;
    this.#onChecking = onChecking;
  }

  report(
    level: FindingLevel,
    findingClass: FindingClass,
    check: string,
    message: string,
    hint?: string,
  ): void {
    this.#onFinding({
      level,
      class: findingClass,
      check,
      target: this.target,
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /**
   * Carries out a check; what it throws becomes an error finding.
   *
   * @returns whether the check passed
   */
  async attempt(check: string, work: () => Promise<void> | void): Promise<boolean> {
    this.#onChecking(`${check} of ${this.target === '' ? 'this host' : this.target}`);
    try {
      await work();
      return true;
    } catch (error) {
      this.fail(check, error);
      return false;
    }
  }

  /** Reports an error, classified, with its causes and its hint. */
  fail(check: string, error: unknown): void {
    const meaning = BenchError.is(error)
      ? error
      : (systemErrorMeaning(error) ?? BenchError.from(error));
    this.report('error', CLASSES[meaning.class], check, summarizeError(error), meaning.hint);
  }
}
