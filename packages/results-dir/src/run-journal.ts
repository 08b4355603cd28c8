import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import {
  AppendFile,
  ensureDirectory,
  overwrite,
  writeAtomically,
  writeDurably,
} from './durable-file.ts';
import { type KeptText, KeptTexts, keptTogether } from './kept-texts.ts';

/** In the results directory, until the run has ended. */
export const CONTROL_DIRECTORY = 'control';
const RUN_FILE = 'run.json';
const STAGE_FILE = 'stage.jsonl';
const PROGRESS_FILE = 'progress.json';
/** Takes its room from the beginning, so that it can be written when the disk is full. */
const END_FILE = 'end.json';
const END_BYTES = 4096;
/** How often a directory is removed again in which somebody has made a file meanwhile. */
const REMOVE_RETRIES = 3;
/** Values that are bytes in base64. */
const UNTOLD = new Set(['bytes']);

/** What a controller has left of a run that has not ended. What the values are, is for their writer to know. */
export interface JournalContents {
  readonly run: unknown;
  /** Of the stage that was the last: how it began, and what happened in it. */
  readonly stage: readonly unknown[];
  /** How far the reports of the agents had been written; undefined before the first. */
  readonly progress: unknown;
  /** Why the controller has ended the run itself; null when it has not. */
  readonly end: unknown;
}

/**
 * What another controller needs to know to take a run over, in `control/` of the results directory. What is written of a
 * stage takes the place of what was written of the one before, so that a long run stays small. It is gone when the run
 * has ended. What notes something throws `RESULTS_WRITE_FAILED` when it cannot, also because the directory was removed.
 */
export class RunJournal {
  readonly #path: string;
  #isMade = false;
  #stage: AppendFile | undefined;
  readonly #texts: KeptTexts;

  /**
   * @param directory the results directory
   * @param texts where what is written passes
   */
  constructor(directory: string, texts = new KeptTexts()) {
    this.#path = join(directory, CONTROL_DIRECTORY);
    this.#texts = texts;
  }

  /**
   * What a controller has left; undefined when there is nothing, because the run has ended.
   *
   * @param directory the results directory
   * @throws BenchError `JOURNAL_UNREADABLE`
   */
  static read(directory: string): JournalContents | undefined {
    const path = join(directory, CONTROL_DIRECTORY);
    if (!existsSync(join(path, RUN_FILE))) return undefined;
    try {
      return {
        run: JSON.parse(readFileSync(join(path, RUN_FILE), 'utf8')) as unknown,
        stage: linesOf(readIfThere(join(path, STAGE_FILE))),
        progress: JSON.parse(readIfThere(join(path, PROGRESS_FILE)) ?? 'null') as unknown,
        end: valueOf(readIfThere(join(path, END_FILE))),
      };
    } catch (cause) {
      throw new BenchError(`what a controller has left in ${path} cannot be read`, {
        code: 'JOURNAL_UNREADABLE',
        class: 'resource',
        hint: 'stop the run with sai3bench-ctl stop, and start it again: it goes on from what is there',
        cause,
      });
    }
  }

  /** Notes what does not change during the run; durable when this returns. */
  writeRun(run: object): void {
    this.#make();
    writeDurably(join(this.#path, RUN_FILE), this.#lineOf(run));
    const end = join(this.#path, END_FILE);
    if (!existsSync(end)) writeDurably(end, this.#filledUp(this.#texts.text('null')));
  }

  /** Notes why the controller ends the run itself, also on a full disk where that writes in place. Durable when this returns. */
  writeEnd(end: object): void {
    overwrite(join(this.#path, END_FILE), this.#filledUp(this.#lineOf(end)));
  }

  /** Notes that a stage comes next, or what is known of it when it is taken over; forgets the one before. */
  beginStage(...entries: readonly object[]): void {
    this.#make();
    this.#stage?.close();
    writeDurably(
      join(this.#path, STAGE_FILE),
      keptTogether(entries.map((entry) => this.#lineOf(entry))),
    );
    this.#stage = new AppendFile(join(this.#path, STAGE_FILE));
  }

  /** Notes what happens in the stage; it survives the end of the process, and a power loss after {@link flush}. */
  add(entry: object): void {
    this.#make();
    this.#stage ??= new AppendFile(join(this.#path, STAGE_FILE));
    this.#stage.append(this.#lineOf(entry));
  }

  /** Makes all that was added durable. */
  flush(): void {
    this.#stage?.flush();
  }

  /** Notes how far the reports of the agents are written. It survives the end of the process. */
  writeProgress(progress: object): void {
    this.#make();
    writeAtomically(join(this.#path, PROGRESS_FILE), this.#lineOf(progress));
  }

  /** Forgets everything: the run has ended. */
  remove(): void {
    this.close();
    // First what says that there is a run, so that nobody finds half of it. Somebody may look whether he can have it meanwhile.
    rmSync(join(this.#path, RUN_FILE), { force: true });
    rmSync(this.#path, { recursive: true, force: true, maxRetries: REMOVE_RETRIES });
  }

  /** Makes its directory once: where it is gone later, somebody has removed it, and with it what was noted. */
  #make(): void {
    if (this.#isMade) return;
    ensureDirectory(this.#path);
    this.#isMade = true;
  }

  /** Takes secrets out of a text: for who writes texts as `bytes`, which are written as they are. */
  readonly withoutSecrets = (text: string): string => this.#texts.text(text);

  /** A value on one line, without secrets. */
  #lineOf(value: object): KeptText {
    return this.#texts.json(value, { untold: UNTOLD });
  }

  /** JSON with blanks behind it, so that it takes as much room as another. */
  #filledUp(json: KeptText): KeptText {
    const blanks = ' '.repeat(Math.max(0, END_BYTES - Buffer.byteLength(json)));
    return keptTogether([json, this.#texts.text(blanks)]);
  }

  close(): void {
    this.#stage?.close();
    this.#stage = undefined;
  }
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** The last line may have been cut short by a power loss; nothing was told to anybody then. */
function linesOf(text = ''): unknown[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** What may have been cut short while it was written. */
function valueOf(json = 'null'): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
