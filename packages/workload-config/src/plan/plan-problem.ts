import { BenchError } from '@sai3bench/errors';

/** A mistake that is found while planning, with the place in the file that it is about. */
export class PlanProblem extends BenchError {
  readonly path: readonly PropertyKey[];

  constructor(path: readonly PropertyKey[], message: string) {
    super(message, { code: 'CONFIG_INVALID', class: 'config' });
    this.path = path;
  }
}
