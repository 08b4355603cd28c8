import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { summaryOf } from '../testing/sample-reports.ts';
import { failedAgents } from './failed-agents.ts';
import { StageTally } from './stage-tally.ts';

describe('failedAgents()', () => {
  it('has those that failed in the stage, and not those that had completed it before', () => {
    const tally = new StageTally(['well', 'completed', 'failed', 'lost']);
    tally.addSummary('well', summaryOf(1, 10));
    tally.addSummary('completed', summaryOf(1, 10));
    tally.addSummary('failed', summaryOf(1, 10, { outcome: 'failed' }));
    const error = new BenchError('gone', { code: 'GONE', class: 'internal' });
    const failures = ['completed', 'failed', 'lost', 'lost', 'elsewhere'].map((agentId) => ({
      ...{ agentId, error, stage: 'execute' },
    }));
    expect([...failedAgents(tally, failures)]).toEqual(['failed', 'lost', 'elsewhere']);
  });
});
