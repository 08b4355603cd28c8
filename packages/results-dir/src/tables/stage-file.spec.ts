import { countDelta } from '@sai3bench/stats';
import { describe, expect, it } from '@jest/globals';
import { KeptTexts } from '../kept-texts.ts';
import { statsOf } from '../testing/sample-stats.ts';
import { stageFileName, stageFileText } from './stage-file.ts';

describe('a stage file', () => {
  const stats = statsOf([['PUT', 4096, 5000]], ['PUT']);
  const result = {
    number: 2,
    name: 'fill',
    kind: 'prepare',
    wallMs: 2023.68,
    commonWindow: {
      windowMs: 2000,
      rates: [
        { operationClass: 'GET', opsPerSecond: 0, bytesPerSecond: 0 },
        { operationClass: 'PUT', opsPerSecond: 0.5, bytesPerSecond: 2048 },
      ],
    },
    stats,
    agents: [{ agentId: 'agent-1', counts: countDelta(stats.toDelta()), stats, wallMs: 2023.68 }],
    partial: 'the run was\ninterrupted',
  };
  const text = stageFileText(result, new KeptTexts());

  it('begins with what it is about, as comments', () => {
    expect(text.split('\n').slice(0, 6)).toEqual([
      '# Stage 2 Results: fill (prepare)',
      '# Agents: 1',
      '# Duration: 2.02s',
      '# Common window: 2.00s: PUT 0.50 ops/s 0.00 MiB/s',
      '# Partial: the run was interrupted',
      '',
    ]);
  });

  it('lists each agent below the table', () => {
    expect(text).toContain(
      '\n\n# Per-Agent Details\n' +
        'agent_id\tget_ops\tget_bytes\tput_ops\tput_bytes\tmeta_ops\tduration_s\terrors\n' +
        'agent-1\t0\t0\t1\t4096\t0\t2.024\t1\n',
    );
  });

  it('has a name that sorts in the order of the stages', () => {
    expect(stageFileName(1, 'preflight')).toBe('01_preflight_results.tsv');
    expect(stageFileName(12, 'run')).toBe('12_run_results.tsv');
  });
});
