import { OperationStats } from '@sai3bench/stats';
import { statsFromText, statsToText } from './report-text.ts';

/** The sum of the rows of all agents together that are written of a stage. */
export class RowTotal {
  readonly stats = new OperationStats();
  #text: string | undefined;

  add(stats: OperationStats): void {
    this.stats.addStats(stats);
    this.#text = undefined;
  }

  /** As it goes into a file, in base64: it is asked for more often than it changes. */
  toText(): string {
    this.#text ??= statsToText(this.stats.toDelta());
    return this.#text;
  }

  /** Goes on from what {@link toText} has told. */
  restore(text: string): void {
    this.stats.add(statsFromText(text));
    this.#text = undefined;
  }
}
