import { describe, expect, it } from '@jest/globals';
import { renderPreflight } from './render-preflight.ts';

const info = {
  level: 'info',
  class: 'CONFIG',
  check: 'address',
  target: 's3://b/',
  message: 'S3 at AWS',
} as const;

describe('the block of the checks', () => {
  it('shows the findings of each agent and that they passed', () => {
    expect(renderPreflight(new Map([['agent-1', [info]]]))).toEqual([
      '━━━━━━━━━━━━━━━━━━━━━━',
      '✓ Agent: agent-1',
      '  ℹ [CONFIG] s3://b/ address: S3 at AWS',
      '━━━━━━━━━━━━━━━━━━━━━━',
      '✓ Pre-flight validation passed (1 agent)',
    ]);
  });

  it('marks the agents on which something is wrong, with what to do', () => {
    const error = {
      level: 'error',
      class: 'AUTH',
      check: 'bucket',
      target: '',
      message: 'unknown key',
      hint: 'set it',
    } as const;
    const warning = { ...info, level: 'warning' } as const;
    const lines = renderPreflight(
      new Map([
        ['agent-1', [warning]],
        ['agent-2', [error]],
      ]),
    );
    expect(lines).toContain('✓ Agent: agent-1');
    expect(lines).toContain('✗ Agent: agent-2');
    expect(lines).toContain('  ✗ [AUTH] bucket: unknown key');
    expect(lines).toContain('      -> set it');
    expect(lines.at(-1)).toBe('✗ Pre-flight validation failed: 1 error, 1 warning');
  });
});
