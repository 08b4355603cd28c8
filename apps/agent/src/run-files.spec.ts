import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { RunFiles } from './run-files.ts';

describe('RunFiles', () => {
  it('are for their owner only', () => {
    const files = new RunFiles('agent-1');
    expect(statSync(files.path).mode & 0o777).toBe(0o700);
    files.remove();
  });

  it('are gone once everything was handed over', () => {
    const files = new RunFiles('agent-1');
    files.addLog({ unixUs: 0, level: 'info', text: 'a line' });
    files.keepSummary(7, '{}');
    files.forgetSummary(7);
    expect(files.remove()).toBe(true);
    expect(existsSync(files.path)).toBe(false);
  });

  it('stay when there are results that nobody has taken over', () => {
    const files = new RunFiles('agent-1');
    files.addLog({ unixUs: 0, level: 'info', text: 'a line' });
    files.keepSummary(7, '{"stage":1}');
    expect(files.remove()).toBe(false);
    expect(readFileSync(join(files.path, 'summary-7.json'), 'utf8')).toBe('{"stage":1}');
    expect(readFileSync(join(files.path, 'console.log'), 'utf8')).toContain('INFO a line');
    rmSync(files.path, { recursive: true });
  });
});
