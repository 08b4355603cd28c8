import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type BenchError, summarizeError } from '@sai3bench/errors';
import { temporaryDirectory } from '@sai3bench/testing';
import { RunFiles } from './run-files.ts';

const LINE = { unixUs: 0, level: 'info', text: 'a line' } as const;

/** Files of a run in a directory of their own, and what they complain of. */
function makeFiles(parent: string, agentId = 'agent-1') {
  const troubles: BenchError[] = [];
  const files = new RunFiles(parent, agentId, (error) => troubles.push(error));
  return { files, path: files.path ?? '', troubles };
}

describe('RunFiles', () => {
  it('are for their owner only', () => {
    using parent = temporaryDirectory();
    const { path } = makeFiles(parent.path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('are in the directory they are meant for, whatever the agent is called', () => {
    using parent = temporaryDirectory();
    makeFiles(parent.path, '../agent 1');
    expect(readdirSync(parent.path)).toEqual([expect.stringMatching(/^sai3-agent-\.\._agent_1-/)]);
  });

  it('are gone once everything was handed over', () => {
    using parent = temporaryDirectory();
    const { files, path } = makeFiles(parent.path);
    files.addLog(LINE);
    files.keepSummary(7, '{}');
    files.forgetSummary(7);
    expect(files.remove()).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  it('stay when there are results that nobody has taken over', () => {
    using parent = temporaryDirectory();
    const { files, path } = makeFiles(parent.path);
    files.addLog(LINE);
    files.keepSummary(7, '{"stage":1}');
    expect(files.remove()).toBe(false);
    expect(readFileSync(join(path, 'summary-7.json'), 'utf8')).toBe('{"stage":1}');
    expect(readFileSync(join(path, 'console.log'), 'utf8')).toContain('INFO a line');
  });

  it('are gone when what had stayed was handed over late', () => {
    using parent = temporaryDirectory();
    const { files, path } = makeFiles(parent.path);
    files.keepSummary(7, '{}');
    expect(files.remove()).toBe(false);
    files.forgetSummary(7);
    expect(files.remove()).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  it('complain once when the log cannot be written, and are written no more', () => {
    using parent = temporaryDirectory();
    const { files, path, troubles } = makeFiles(parent.path);
    mkdirSync(join(path, 'console.log'));
    files.addLog(LINE);
    files.addLog(LINE);
    files.keepSummary(7, '{}');
    expect(troubles.map(({ code }) => code)).toEqual(['COPY_FAILED']);
    expect(summarizeError(troubles[0])).toContain(`in ${path}: EISDIR`);
    expect(files.remove()).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  it('do not leave a piece of results that could not be written whole', () => {
    using parent = temporaryDirectory();
    const { files, path, troubles } = makeFiles(parent.path);
    rmSync(path, { recursive: true });
    files.keepSummary(7, '{}');
    expect(troubles).toHaveLength(1);
    expect(files.remove()).toBe(true);
  });

  it('may be told about their own complaint', () => {
    using parent = temporaryDirectory();
    const complaints: string[] = [];
    const files: RunFiles = new RunFiles(parent.path, 'agent-1', ({ message: text }) => {
      complaints.push(text);
      files.addLog({ unixUs: 0, level: 'warn', text });
    });
    mkdirSync(join(files.path ?? '', 'console.log'));
    files.addLog(LINE);
    expect(complaints).toHaveLength(1);
  });

  it('can be done without when there is no place for them', () => {
    using parent = temporaryDirectory();
    const { files, troubles } = makeFiles(join(parent.path, 'missing'));
    expect(files.path).toBeUndefined();
    expect(summarizeError(troubles[0])).toContain('ENOENT');
    files.addLog(LINE);
    files.keepSummary(7, '{}');
    files.forgetSummary(7);
    expect(files.remove()).toBe(true);
    expect(troubles).toHaveLength(1);
  });
});
