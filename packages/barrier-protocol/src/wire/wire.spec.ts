import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { BenchError, toErrorRecord } from '@sai3bench/errors';
import fc from 'fast-check';
import {
  FindingSchema,
  LogRecordSchema,
  StageProgressSchema,
  PoolConditionSchema,
  PoolKnowledgeSchema,
  StageSummarySchema,
} from '../gen/sai3bench/agent/v1/agent_pb.ts';
import { findingFromWire, findingToWire } from './finding.ts';
import { logFromWire, logToWire } from './log-record.ts';
import { OPERATIONS, type OperationName } from './names.ts';
import {
  conditionFromWire,
  conditionToWire,
  knowledgeFromWire,
  knowledgeToWire,
} from './pool-knowledge.ts';
import { progressFromWire, progressToWire } from './stage-progress.ts';
import { summaryFromWire, summaryToWire } from './stage-summary.ts';

const operation = fc.constantFrom(...(Object.keys(OPERATIONS) as OperationName[]));
const bytes = fc.uint8Array({ maxLength: 20 });
const count = fc.maxSafeNat();
const milliseconds = fc.double({ min: 0, max: 1e9, noNaN: true });

const stats = fc.record({
  slots: fc.array(
    fc.record({
      operation,
      sizeBucket: fc.nat(8),
      operations: count,
      bytes: count,
      latencySumNs: milliseconds,
      latency: bytes,
    }),
  ),
  operations: fc.array(
    fc.record({
      operation,
      errors: count,
      cancelled: count,
      retries: count,
      connectNs: milliseconds,
      retryNs: milliseconds,
      generateNs: milliseconds,
      generateApartNs: milliseconds,
      firstByte: bytes,
      response: bytes,
    }),
  ),
  clamped: count,
  getChecks: fc.record({ content: count, length: count, none: count }),
});

const failure = fc.constantFrom(
  toErrorRecord(new BenchError('plain', { code: 'A', class: 'network' })),
  toErrorRecord(
    new BenchError('full', {
      code: 'B',
      class: 'permission',
      hint: 'h',
      endpoint: 'e',
      key: 'k',
      attempts: 3,
      cause: new Error('c'),
    }),
  ),
);

const summary = fc
  .record({
    outcome: fc.constantFrom('completed' as const, 'stopped' as const, 'failed' as const),
    stats,
    firstStartMs: milliseconds,
    lastEndMs: milliseconds,
    tasksDone: count,
    tasksTotal: count,
    tasksExisted: count,
    errors: fc.array(
      fc.record({
        operation,
        endpoint: fc.string(),
        class: fc.constantFrom('network' as const, 'internal' as const),
        code: fc.string(),
        message: fc.string(),
        hint: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
        key: fc.string(),
        count,
        firstAtMs: count,
        lastAtMs: count,
      }),
    ),
    endpoints: fc.array(
      fc.record({
        address: fc.string(),
        requests: count,
        errors: count,
        bytesRead: count,
        bytesWritten: count,
        outMs: milliseconds,
        latency: fc.uint8Array(),
        traffic: fc.record({
          addresses: fc.array(
            fc.record({
              address: fc.string(),
              requests: count,
              failures: count,
              connects: count,
              connectErrors: count,
              connectNs: milliseconds,
              bytesSent: count,
              bytesReceived: count,
            }),
          ),
          operations: fc.array(
            fc.record({ operation, requests: count, bytesSent: count, bytesReceived: count }),
          ),
          reconnects: count,
          connectTimes: bytes,
          region: fc.string(),
          regionAdopted: fc.boolean(),
        }),
      }),
    ),
    stuckWorkers: fc.nat(1000),
  })
  .chain((plain) =>
    fc.option(failure, { nil: undefined }).map((error) => ({
      ...plain,
      ...(error === undefined ? {} : { failure: error }),
    })),
  );

describe('messages', () => {
  it('carry stage summaries over the wire unchanged', () => {
    fc.assert(
      fc.property(summary, (plain) => {
        const encoded = toBinary(StageSummarySchema, summaryToWire(3, plain));
        const decoded = fromBinary(StageSummarySchema, encoded);
        expect(decoded.stage).toBe(3);
        expect(summaryFromWire(decoded)).toEqual(plain);
      }),
    );
  });

  it('carry progress over the wire unchanged', () => {
    const progress = fc.record({
      interval: fc.nat(100_000),
      elapsedMs: milliseconds,
      stats,
      tasksDone: count,
      tasksTotal: count,
      directoriesDone: count,
      directoriesTotal: count,
      putOff: count,
      inFlight: fc.nat(100_000),
      endpoints: fc.array(
        fc.record({
          endpoint: fc.nat(1023),
          requests: count,
          errors: count,
          bytesRead: count,
          bytesWritten: count,
          latencySumNs: milliseconds,
          inFlight: fc.nat(100_000),
          isOut: fc.boolean(),
          outMs: milliseconds,
        }),
      ),
      cpu: fc.record({ userPct: milliseconds, systemPct: milliseconds, iowaitPct: milliseconds }),
    });
    fc.assert(
      fc.property(progress, (plain) => {
        const encoded = toBinary(StageProgressSchema, progressToWire(0, plain));
        expect(progressFromWire(fromBinary(StageProgressSchema, encoded))).toEqual(plain);
      }),
    );
  });

  it('stay small with 1024 endpoints that are all at work', () => {
    const endpoints = Array.from({ length: 1024 }, (_, endpoint) => ({
      ...{ endpoint, requests: 900, errors: 3, bytesRead: 900 * 2 ** 20, bytesWritten: 2 ** 20 },
      ...{ latencySumNs: 1.234e9, inFlight: 16, isOut: false, outMs: 0 },
    }));
    const getChecks = { content: 0, length: 0, none: 0 };
    const cpu = { userPct: 1, systemPct: 1, iowaitPct: 1 };
    const progress = progressToWire(0, {
      ...{
        interval: 1,
        elapsedMs: 1000,
        stats: { slots: [], operations: [], clamped: 0, getChecks },
      },
      ...{ tasksDone: 0, tasksTotal: 0, directoriesDone: 0, directoriesTotal: 0 },
      ...{ putOff: 0, inFlight: 0, endpoints, cpu },
    });
    expect(toBinary(StageProgressSchema, progress).length).toBeLessThan(40 * 1024);
  });

  it('carry what an agent knows of datasets over the wire unchanged', () => {
    const range = fc.record({ begin: count, end: count });
    const knowledge = fc.record({
      identity: fc.string(),
      own: range,
      known: fc.array(fc.record({ begin: count, end: count, generation: count, sequence: count }), {
        maxLength: 3,
      }),
      unfinished: fc.boolean(),
    });
    fc.assert(
      fc.property(knowledge, (plain) => {
        const encoded = toBinary(PoolKnowledgeSchema, knowledgeToWire(plain));
        expect(knowledgeFromWire(fromBinary(PoolKnowledgeSchema, encoded))).toEqual(plain);
      }),
    );
  });

  it('carry in which condition datasets are over the wire unchanged', () => {
    const condition = fc.record({
      ...{ identity: fc.string(), isOurs: fc.boolean(), isWhole: fc.boolean() },
    });
    fc.assert(
      fc.property(condition, (plain) => {
        const encoded = toBinary(PoolConditionSchema, conditionToWire(plain));
        expect(conditionFromWire(fromBinary(PoolConditionSchema, encoded))).toEqual(plain);
      }),
    );
  });

  it('carry findings and log lines over the wire unchanged', () => {
    const finding = {
      level: 'warning',
      class: 'NET',
      check: 'dns',
      target: 's3://b/',
      message: 'm',
      hint: 'h',
    } as const;
    const record = {
      unixUs: 1_771_457_009_622_177,
      level: 'warn',
      text: 'text',
      toldOtherwise: true,
    } as const;
    const wireFinding = toBinary(FindingSchema, findingToWire(finding));
    expect(findingFromWire(fromBinary(FindingSchema, wireFinding))).toEqual(finding);
    const wireRecord = toBinary(LogRecordSchema, logToWire(record));
    expect(logFromWire(fromBinary(LogRecordSchema, wireRecord))).toEqual(record);
  });

  it('take what a newer peer says for the worst that it could mean', () => {
    expect(findingFromWire(create(FindingSchema, { level: 99 as 1 })).level).toBe('error');
    expect(summaryFromWire(create(StageSummarySchema, { outcome: 99 as 1 })).outcome).toBe(
      'failed',
    );
    const unknown = create(StageProgressSchema, {
      stats: { slots: [{ operation: 99 as 1, operations: 5n }] },
    });
    expect(progressFromWire(unknown).stats.slots).toEqual([]);
  });
});
