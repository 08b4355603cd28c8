import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { startSession } from '../testing/started-session.ts';

const LONG =
  'target: "null:"\nduration: 60s\nconcurrency: 1\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]';

describe('a run session', () => {
  it('removes its files when the last results are acknowledged after its end', async () => {
    using parent = temporaryDirectory();
    const { session, until, send, output } = startSession(parent.path, LONG);
    await until('ready');
    send({
      case: 'loadStage',
      value: {
        $typeName: 'sai3bench.agent.v1.LoadStage',
        stage: 1,
        startOver: false,
        goOnWith: [],
      },
    });
    await until('stageLoaded');
    send({
      case: 'beginStage',
      value: {
        $typeName: 'sai3bench.agent.v1.BeginStage',
        stage: 1,
        startAtMonotonicNs: process.hrtime.bigint(),
        pools: [],
      },
    });
    await until('stageProgress');
    session.abort('test');
    const { sequence } = await until('stageSummary');
    await session.ended;
    expect(output()).toContain('are kept in');
    expect(readdirSync(parent.path)).toHaveLength(1);
    send({
      case: 'acknowledge',
      value: { $typeName: 'sai3bench.agent.v1.Acknowledge', sequence },
    });
    expect(readdirSync(parent.path)).toEqual([]);
    expect(output()).toContain('has taken over the rest of the results');
  });
});
