import { appendFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '@sai3bench/secret';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { KeptTexts } from './kept-texts.ts';
import { RunJournal } from './run-journal.ts';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});
const open = (): RunJournal =>
  new RunJournal(directory.path, new KeptTexts([new Secret('a secret')]));

describe('the journal of a run', () => {
  it('tells another controller what was written last', () => {
    const journal = open();
    journal.writeRun({ id: 'a' });
    journal.beginStage({ type: 'stage', index: 0 });
    journal.add({ type: 'summary', agent: 'x' });
    journal.flush();
    journal.writeProgress({ seconds: 1 });
    journal.writeProgress({ seconds: 2 });
    expect(RunJournal.read(directory.path)).toEqual({
      run: { id: 'a' },
      stage: [
        { type: 'stage', index: 0 },
        { type: 'summary', agent: 'x' },
      ],
      progress: { seconds: 2 },
      end: null,
    });
  });

  it('has room from the beginning to say why a controller has ended the run itself', () => {
    const journal = open();
    const sizeBytes = (): number => statSync(join(directory.path, 'control/end.json')).size;
    journal.writeRun({});
    const before = sizeBytes();
    const end = { error: { message: 'der Datenträger ist voll' } };
    journal.writeEnd(end);
    expect(sizeBytes()).toBe(before);
    expect(RunJournal.read(directory.path)?.end).toEqual(end);
    // Whoever takes it over still has it.
    open().writeRun({});
    expect(RunJournal.read(directory.path)?.end).toEqual(end);
  });

  it('has no such reason where writing it was cut short', () => {
    open().writeRun({});
    writeFileSync(join(directory.path, 'control/end.json'), '{"error":{"mess');
    expect(RunJournal.read(directory.path)).toMatchObject({ run: {}, end: null });
  });

  it('forgets a stage when the next one comes', () => {
    const journal = open();
    journal.writeRun({});
    journal.beginStage({ index: 0 });
    journal.add({ type: 'summary' });
    journal.beginStage({ index: 1 });
    expect(RunJournal.read(directory.path)?.stage).toEqual([{ index: 1 }]);
  });

  it('goes on with a stage that another controller has begun', () => {
    open().beginStage({ index: 3 });
    const journal = open();
    journal.writeRun({});
    journal.add({ type: 'summary' });
    expect(RunJournal.read(directory.path)?.stage).toEqual([{ index: 3 }, { type: 'summary' }]);
  });

  it('leaves out a last line that was cut short', () => {
    const journal = open();
    journal.writeRun({});
    journal.beginStage({ index: 0 });
    appendFileSync(join(directory.path, 'control/stage.jsonl'), '{"type":"summ');
    expect(RunJournal.read(directory.path)?.stage).toEqual([{ index: 0 }]);
  });

  it('has nothing to tell when the run has ended', () => {
    const journal = open();
    journal.writeRun({});
    journal.beginStage({});
    journal.remove();
    expect(existsSync(join(directory.path, 'control'))).toBe(false);
    expect(RunJournal.read(directory.path)).toBeUndefined();
  });

  it('says so when it cannot be read', () => {
    open().writeRun({});
    writeFileSync(join(directory.path, 'control/run.json'), '{');
    expect(() => RunJournal.read(directory.path)).toThrow('cannot be read');
  });

  it.each<[string, (journal: RunJournal) => void]>([
    ['the run', (journal) => journal.writeRun({})],
    ['a stage', (journal) => journal.beginStage({})],
    ['how far the reports are', (journal) => journal.writeProgress({})],
    [
      'what happens in a stage',
      (journal) => {
        journal.add({});
        journal.flush();
      },
    ],
  ])('does not make a directory anew that was removed, to note %s in it', (_, note) => {
    for (const removed of ['control', '.']) {
      const path = join(directory.path, removed);
      const journal = new RunJournal(directory.path, new KeptTexts());
      if (!existsSync(directory.path)) mkdirSync(directory.path);
      journal.writeRun({});
      journal.beginStage({});
      rmSync(path, { recursive: true });
      expect(() => {
        note(journal);
      }).toThrow(expect.objectContaining({ code: 'RESULTS_WRITE_FAILED' }));
      expect(existsSync(path)).toBe(false);
      journal.close();
    }
  });

  it('keeps no secrets', () => {
    const journal = open();
    journal.writeRun({ nested: { text: 'a secret' } });
    expect(RunJournal.read(directory.path)?.run).toEqual({ nested: { text: '***' } });
  });
});
