import { summarizeError } from '@sai3bench/errors';
import { maskSecrets, type Secret } from '@sai3bench/secret';
import { formatLogLine, type LogLevel, printable, type Terminal } from '@sai3bench/terminal';

/**
 * What the controller says: on screen and, once there is a results directory, in its console.log. Lines are for
 * everyone; details only show with `verbose`, with their time.
 */
export class Console {
  readonly terminal: Terminal;
  readonly #verbose: boolean;
  #keep: ((line: string) => void) | undefined;
  readonly #waiting: string[] = [];
  #secrets: readonly Secret[] = [];

  constructor(terminal: Terminal, verbose: boolean) {
    this.terminal = terminal;
    this.#verbose = verbose;
  }

  /** Where lines are kept from now on; those before are kept too. */
  keepWith(keep: (line: string) => void): void {
    this.#keep = keep;
    for (const line of this.#waiting.splice(0)) this.#store(line);
  }

  /** Takes care that secrets are shown and kept nowhere from now on. */
  conceal(secrets: Iterable<Secret>): void {
    this.#secrets = [...this.#secrets, ...secrets];
  }

  line(said = ''): void {
    const text = printable(maskSecrets(said, this.#secrets));
    this.terminal.print(text);
    for (const part of text.split('\n')) this.#store(part);
  }

  lines(texts: readonly string[]): void {
    for (const text of texts) this.line(text);
  }

  /** A line for who follows closely: with its time, and only with -v. */
  detail(level: LogLevel, text: string): void {
    if (!this.#verbose) return;
    const unixUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
    this.line(formatLogLine(unixUs, level, text));
  }

  #store(line: string): void {
    if (this.#keep === undefined) {
      this.#waiting.push(line);
      return;
    }
    try {
      this.#keep(line);
    } catch (error) {
      // The screen goes on without the file; the run itself fails when its tables cannot be written either.
      this.#keep = () => undefined;
      this.terminal.print(`⚠ console.log is not kept any more: ${summarizeError(error)}`);
    }
  }
}
