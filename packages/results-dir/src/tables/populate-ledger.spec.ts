import { describe, expect, it } from '@jest/globals';
import { KeptTexts } from '../kept-texts.ts';
import { LEDGER_COLUMNS, type LedgerRow, withAggregate } from './populate-ledger.ts';
import { parseTsv } from './tsv.ts';

const ROW: LedgerRow = {
  at: new Date('2026-02-18T23:26:36.036Z'),
  testName: 'fill',
  agentId: 'agent-1',
  stage: 'prepare',
  objectsCreated: 112,
  objectsExisted: 63_888,
  totalBytes: 1120,
  wallMs: 2_000,
};

describe('populate_ledger.tsv', () => {
  it("counts an agent's objects, bytes and rate", () => {
    expect(parseTsv(new KeptTexts().table(LEDGER_COLUMNS, [ROW]))).toEqual([
      {
        timestamp: '2026-02-18T23:26:36.036Z',
        test_name: 'fill',
        agent_id: 'agent-1',
        stage: 'prepare',
        objects_created: '112',
        objects_existed: '63888',
        total_objects: '64000',
        total_bytes: '1120',
        avg_bytes: '10.0',
        wall_seconds: '2.000',
        ops_per_sec: '56.0',
      },
    ]);
  });

  it('ends a stage with the sum of its agents and the longest time', () => {
    const other = { ...ROW, agentId: 'agent-2', objectsCreated: 8, totalBytes: 80, wallMs: 4_000 };
    const [sum] = parseTsv(
      new KeptTexts().table(LEDGER_COLUMNS, withAggregate([ROW, other])),
    ).slice(-1);
    expect(sum).toMatchObject({
      agent_id: 'AGGREGATE',
      objects_created: '120',
      objects_existed: '127776',
      total_bytes: '1200',
      wall_seconds: '4.000',
      ops_per_sec: '30.0',
    });
  });

  it('has zeros, not errors, where nothing was written', () => {
    const [row] = parseTsv(
      new KeptTexts().table(LEDGER_COLUMNS, [
        { ...ROW, objectsCreated: 0, totalBytes: 0, wallMs: 0 },
      ]),
    );
    expect(row).toMatchObject({ avg_bytes: '0.0', ops_per_sec: '0.0' });
  });
});
