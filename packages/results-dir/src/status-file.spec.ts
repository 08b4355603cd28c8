import { describe, expect, it } from '@jest/globals';
import { formatRfc3339 } from './metadata.ts';
import { type RunStatus, statusText } from './status-file.ts';

const success: RunStatus = {
  outcome: 'SUCCESS',
  at: new Date(2026, 1, 18, 16, 23, 9),
  agents: [
    { agentId: 'agent-1', state: 'Completed', reason: 'all stages done' },
    { agentId: 'agent-2', state: 'Completed', reason: 'all stages done' },
  ],
  reconnects: 3,
  hasTried: true,
  totalOperations: 64_000,
  totalErrors: 0,
  errors: [],
  optionalFailures: [],
  failure: { reasons: [], hints: [] },
};

describe('STATUS.txt', () => {
  it('says how the run went, with true totals', () => {
    const offset = formatRfc3339(success.at).slice(-6);
    expect(statusText(success)).toBe(`TEST STATUS: SUCCESS
Timestamp: 2026-02-18 16:23:09${offset}

=== Summary ===
Total agents: 2
Completed: 2
Failed: 0
Disconnected: 0
Disconnect/Reconnect Count: 3
Stopped: 0
Not reached: 0
Not started: 0
Total operations: 64000
Total errors: 0
Failed optional stages: 0

=== Agent Details ===
agent-1: Completed (all stages done)
agent-2: Completed (all stages done)
`);
  });

  it('says of a failed run why, and what to do', () => {
    const text = statusText({
      ...success,
      outcome: 'FAILURE',
      agents: [
        { agentId: 'agent-1', state: 'Failed', reason: 'disk full' },
        { agentId: 'agent-2', state: 'Stopped', reason: 'the run was aborted' },
      ],
      totalOperations: 0,
      failure: { reasons: ['agent-1 in stage fill: disk full'], hints: ['free space'] },
    });
    expect(text).toContain('TEST STATUS: FAILURE');
    expect(text).toContain('Failed: 1\n');
    expect(text).toContain('Stopped: 1\n');
    expect(text).toContain(
      '=== Failure Analysis ===\nagent-1 in stage fill: disk full\nNo operation succeeded.\n',
    );
    expect(text).toContain('=== What to do ===\n1. free space\n');
  });

  it('names the optional stages that have failed, and what to do, also of a run that went well', () => {
    const why = 'agent-1 in stage fill: it takes too long';
    const text = statusText({
      ...success,
      optionalFailures: [
        { stage: 'fill', reason: why },
        { stage: 'fill', reason: why.replace('1', '2') },
      ],
      failure: { reasons: [], hints: ['allow more time'] },
    });
    expect(text).toContain('TEST STATUS: SUCCESS\n');
    expect(text).toContain('\nFailed optional stages: 1\n');
    expect(text).toContain(
      `\n\n=== Failed Optional Stages ===\n${why}\n${why.replace('1', '2')}\n\n=== What to do ===\n1. allow more time\n`,
    );
    expect(text).not.toContain('Failure Analysis');
  });

  it('names the failed operations of each stage, also of a run that went well', () => {
    const text = statusText({
      ...success,
      totalErrors: 26,
      errors: [
        {
          stage: 'execute',
          groups: [{ operation: 'PUT', code: 'FILE_ENOSPC', count: 26, message: 'no space left' }],
        },
      ],
    });
    expect(text).toContain(
      '=== Failed Operations ===\nexecute: 26 x PUT FILE_ENOSPC: no space left\n',
    );
  });
});
