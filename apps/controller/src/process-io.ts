import type { StopSignal } from '@sai3bench/coordinator';
import type { Detachment } from './detachment.ts';
import type { TextSink } from '@sai3bench/terminal';

/** Everything that the program needs of its process, so that tests can run whole commands. */
export interface ProcessIo {
  readonly sink: TextSink;
  readonly writeError: (text: string) => void;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The command line as it was typed, program first. */
  readonly commandLine: readonly string[];
  readonly readFile: (path: string) => string;
  /** Asks the user and returns the answer; undefined where there is no terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  readonly stop: StopSignal;
  readonly detachment: Detachment;
}
