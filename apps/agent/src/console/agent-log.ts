import type { Terminal } from '@sai3bench/terminal';
import { formatLogLine, type LogLevel } from '@sai3bench/terminal';
import { AgentClock, hostClocks } from '../agent-clock.ts';
import { KnownSecrets } from '../secrets/known-secrets.ts';

/** One line of the log. */
export interface LogEntry {
  /** Microseconds since 1970. */
  readonly unixUs: number;
  readonly level: LogLevel;
  readonly text: string;
  /** The controller hears the same by a message of its own, so that it need not show this line. */
  readonly toldOtherwise: boolean;
}

/** What is to be known of a line beside its text. */
type LineOptions = Partial<Pick<LogEntry, 'toldOtherwise'>>;

/**
 * What an agent says: to its own terminal, and to whoever listens (the controller of the run). Without `verbose` the
 * terminal shows plain lines and no details.
 */
export class AgentLog {
  readonly terminal: Terminal;
  /** What it tells nobody. */
  readonly secrets = new KnownSecrets();
  readonly #verbose: boolean;
  readonly #clock: AgentClock;
  readonly #listeners = new Set<(entry: LogEntry) => void>();

  constructor(terminal: Terminal, verbose: boolean, clock = new AgentClock(hostClocks())) {
    this.terminal = terminal;
    this.#verbose = verbose;
    this.#clock = clock;
  }

  debug(text: string): void {
    this.#log('debug', text);
  }

  info(text: string): void {
    this.#log('info', text);
  }

  warn(text: string, options?: LineOptions): void {
    this.#log('warn', text, options);
  }

  error(text: string, options?: LineOptions): void {
    this.#log('error', text, options);
  }

  /** Calls `listener` for every line, until the returned function is called. */
  listen(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #log(level: LogLevel, said: string, { toldOtherwise = false }: LineOptions = {}): void {
    const text = this.secrets.maskText(said);
    const unixUs = Math.round(this.#clock.unixUs());
    if (this.#verbose) {
      this.terminal.print(formatLogLine(unixUs, level === 'debug' ? 'info' : level, text));
    } else if (level !== 'debug') {
      this.terminal.print(text);
    }
    for (const listener of this.#listeners) listener({ unixUs, level, text, toldOtherwise });
  }
}
