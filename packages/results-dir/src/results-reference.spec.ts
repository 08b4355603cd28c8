import { describe, expect, it } from '@jest/globals';
import { ERROR_CLASSES } from '@sai3bench/errors';
import {
  HIGHEST_LATENCY_NS,
  LOWEST_LATENCY_NS,
  OPERATIONS,
  SIZE_BUCKET_LABELS,
  sizeBucketOf,
  countDelta,
} from '@sai3bench/stats';
import { KeptTexts } from './kept-texts.ts';
import type {
  AddressRecord,
  EndpointRecord,
  OperationWireRecord,
  RunMetadata,
  StageRecord,
  StartRecord,
  VerifyRecord,
  WireRecord,
} from './metadata.ts';
import { type AgentStatus, type RunStatus, statusText } from './status-file.ts';
import { ERROR_COLUMNS } from './tables/error-table.ts';
import {
  AGENT_RESULT_COLUMNS,
  OPERATION_COLUMNS,
  operationRows,
} from './tables/operation-table.ts';
import { PERF_COLUMNS } from './tables/perf-log.ts';
import { LEDGER_COLUMNS } from './tables/populate-ledger.ts';
import { PREFLIGHT_COLUMNS } from './tables/preflight-table.ts';
import { AGENT_COLUMNS, stageFileText } from './tables/stage-file.ts';
import { namesBelow, REFERENCE, tableBelow } from './testing/reference-tables.ts';
import { statsOf } from './testing/sample-stats.ts';

interface Described {
  readonly name: string;
  readonly meaning: string;
}

/** What the document must say of columns: name, unit, meaning. */
function rowsFor(columns: readonly Described[]): string[][] {
  return columns.map(({ meaning, name }) => [name, unitOf(name), meaning]);
}

/** The unit that a column's name ends with. */
function unitOf(name: string): string {
  const units: readonly (readonly [RegExp, string])[] = [
    [/_us$/, 'µs'],
    [/_epoch_ms$/, 'ms'],
    [/_(s|seconds)$/, 's'],
    [/_pct$/, '%'],
    [/_(mbps|mibps)$/, 'MiB/s'],
    [/_(iops|per_sec)$/, '1/s'],
    [/_bytes$/, 'bytes'],
    [/_idx$/, 'number'],
    [/(_time|^timestamp)$/, 'time'],
    [/(^count|^errors|^retries|^total_objects|_ops|_reporting|_created|_existed)$/, 'count'],
  ];
  return units.find(([pattern]) => pattern.test(name))?.[1] ?? 'text';
}

/** The members of a type, checked by the compiler to be all of them. */
function keysOf<Key extends string>(keys: Readonly<Record<Key, true>>): string[] {
  return Object.keys(keys).toSorted();
}

describe('docs/results.md has, in order and with their meanings, the columns of', () => {
  it.each([
    ['the table of a stage', 'Operations of the stage', OPERATION_COLUMNS],
    ['its table of agents', 'Agents of the stage', AGENT_COLUMNS],
    ['perf_log.tsv', 'perf_log.tsv', PERF_COLUMNS],
    ['populate_ledger.tsv', 'populate_ledger.tsv', LEDGER_COLUMNS],
    ['errors.tsv', 'agents/{agent-id}/errors.tsv', ERROR_COLUMNS],
    ['preflight.tsv', 'preflight.tsv', PREFLIGHT_COLUMNS],
  ] as const)('%s', (_, heading, columns) => {
    expect(tableBelow(headingOf(heading))).toEqual(rowsFor(columns));
  });

  it("an agent's results.tsv: one of its own, then those of a stage", () => {
    const own = tableBelow(headingOf('agents/{agent-id}/results.tsv'));
    const stage = tableBelow('Operations of the stage');
    expect([...own, ...stage]).toEqual(rowsFor(AGENT_RESULT_COLUMNS));
  });
});

/** Headings that are the name of a file have it in backticks. */
function headingOf(name: string): string {
  return name.includes('.') ? `\`${name}\`` : name;
}

describe('docs/results.md has the keys of metadata.json', () => {
  it('about the run', () => {
    const keys = keysOf<keyof RunMetadata>({
      version: true,
      test_name: true,
      config_path: true,
      start_time: true,
      end_time: true,
      duration_secs: true,
      command_line: true,
      hostname: true,
      distributed: true,
      agents: true,
      data_seed: true,
      config_hash: true,
      run_id: true,
      stages: true,
    });
    expect(namesBelow('`metadata.json`').toSorted()).toEqual(keys);
  });

  it('about a stage', () => {
    const keys = keysOf<keyof StageRecord>({
      name: true,
      kind: true,
      optional: true,
      start_time: true,
      wall_secs: true,
      partial: true,
      warnings: true,
      operations: true,
      errors: true,
      retries: true,
      cancelled: true,
      clamped: true,
      verify: true,
      stuck_threads: true,
      start_skew_ms: true,
      clock_error_ms: true,
      starts: true,
      endpoints: true,
    });
    expect(namesBelow('Stages in `metadata.json`').toSorted()).toEqual(keys);
  });

  it('about the start of an agent', () => {
    const keys = keysOf<keyof StartRecord>({
      agent: true,
      planned_epoch_ms: true,
      achieved_ms: true,
      clock_error_ms: true,
    });
    expect(namesBelow('Starts').toSorted()).toEqual(keys);
  });

  it('about what a stage has compared', () => {
    const keys = keysOf<keyof VerifyRecord>({
      level: true,
      content_compared: true,
      length_compared: true,
      not_compared: true,
    });
    expect(namesBelow('What was compared').toSorted()).toEqual(keys);
  });

  it('about an endpoint', () => {
    const keys = keysOf<keyof EndpointRecord>({
      agent: true,
      address: true,
      durability: true,
      payload: true,
      requests: true,
      errors: true,
      bytes_read: true,
      bytes_written: true,
      p50_us: true,
      p99_us: true,
      out_ms: true,
      region: true,
      wire: true,
    });
    expect(namesBelow('Endpoints in `metadata.json`').toSorted()).toEqual(keys);
  });

  it('about what went over the wire', () => {
    const keys = keysOf<keyof WireRecord>({
      requests: true,
      bytes_sent: true,
      bytes_received: true,
      connects: true,
      connect_errors: true,
      connect_mean_us: true,
      connect_p50_us: true,
      connect_p99_us: true,
      connect_max_us: true,
      reconnects: true,
      operations: true,
      addresses: true,
    });
    expect(namesBelow('The wire').toSorted()).toEqual(keys);
  });

  it('about what went over the wire for one kind of operation', () => {
    const keys = keysOf<keyof OperationWireRecord>({
      operation: true,
      requests: true,
      bytes_sent: true,
      bytes_received: true,
    });
    expect(namesBelow('Operations on the wire').toSorted()).toEqual(keys);
  });

  it('about an address', () => {
    const keys = keysOf<keyof AddressRecord>({
      address: true,
      requests: true,
      failures: true,
      connects: true,
      connect_errors: true,
      bytes_sent: true,
      bytes_received: true,
    });
    expect(namesBelow('Addresses').toSorted()).toEqual(keys);
  });
});

describe('docs/results.md has of the file of a stage', () => {
  it('every line of comment', () => {
    const stats = statsOf([['PUT', 4096, 5000]]);
    const text = stageFileText(
      {
        number: 1,
        name: 'fill',
        kind: 'prepare',
        wallMs: 2000,
        commonWindow: { windowMs: 2000, rates: [] },
        stats,
        agents: [{ agentId: 'agent-1', counts: countDelta(stats.toDelta()), stats, wallMs: 2000 }],
        partial: 'the run was interrupted',
      },
      new KeptTexts(),
    );
    const comments = text.split('\n').filter((line) => line.startsWith('#'));
    const documented = namesBelow('`NN_{stage}_results.tsv`');
    expect(documented).toHaveLength(comments.length);
    for (const [index, comment] of comments.entries()) {
      expect(comment.startsWith(documented[index] ?? 'nothing')).toBe(true);
    }
  });

  it('every size bucket with its bounds', () => {
    const rows = tableBelow('Size buckets');
    expect(rows.map(([, label]) => label)).toEqual([...SIZE_BUCKET_LABELS]);
    for (const [index = '', , from = '', to = ''] of rows) {
      expect(sizeBucketOf(Number(from))).toBe(Number(index));
      expect(sizeBucketOf(to === '' ? Number.MAX_SAFE_INTEGER : Number(to))).toBe(Number(index));
      if (to !== '') expect(sizeBucketOf(Number(to) + 1)).toBe(Number(index) + 1);
    }
  });

  it('every row over all sizes with its number', () => {
    const stats = statsOf(OPERATIONS.map((operation) => [operation, 0, 1000]));
    const rows = operationRows(stats, 1000).filter(({ sizeBucket }) => sizeBucket === 'ALL');
    expect(tableBelow('Rows over all sizes')).toEqual(
      rows.map(({ bucketIndex, operation }) => [String(bucketIndex), operation]),
    );
  });

  it('every operation', () => {
    expect(namesBelow('Operations')).toEqual([...OPERATIONS]);
  });
});

describe('docs/results.md has', () => {
  it('the range of the histograms', () => {
    expect(REFERENCE).toContain(
      `for ${String(LOWEST_LATENCY_NS)} ns to ${String(HIGHEST_LATENCY_NS / 3.6e12)} h`,
    );
  });

  it('every class of errors but that of cancelled operations, which are no errors', () => {
    expect(namesBelow('Classes of errors')).toEqual(
      ERROR_CLASSES.filter((each) => each !== 'cancelled'),
    );
  });
});

describe('docs/results.md has of STATUS.txt', () => {
  const STATES = {
    Completed: true,
    Failed: true,
    Disconnected: true,
    Stopped: true,
    'Not reached': true,
    'Not started': true,
  } as const satisfies Record<AgentStatus['state'], true>;

  it('every outcome', () => {
    const outcomes = keysOf<RunStatus['outcome']>({
      SUCCESS: true,
      FAILURE: true,
      INTERRUPTED: true,
    });
    expect(namesBelow('Outcomes').toSorted()).toEqual(outcomes);
  });

  it('every state of an agent', () => {
    expect(namesBelow('States of an agent').toSorted()).toEqual(keysOf(STATES));
  });

  it('every line, in order', () => {
    const text = statusText({
      hasTried: true,
      outcome: 'FAILURE',
      at: new Date(),
      agents: [{ agentId: 'agent-1', state: 'Failed', reason: 'disk full' }],
      reconnects: 0,
      totalOperations: 1,
      totalErrors: 1,
      errors: [
        {
          stage: 'fill',
          groups: [{ operation: 'PUT', code: 'FILE_ENOSPC', count: 1, message: 'disk full' }],
        },
      ],
      optionalFailures: [{ stage: 'fill', reason: 'agent-1 in stage fill: disk full' }],
      failure: { reasons: ['agent-1: disk full'], hints: ['free space'] },
    });
    const [head = ''] = text.split('=== Agent Details ===');
    const labels = head
      .split('\n')
      .flatMap((line) => /^(=== .* ===|[^:]+(?=:))/.exec(line)?.[1] ?? []);
    const sections = text.match(/^=== .* ===$/gm) ?? [];
    expect(namesBelow('Lines')).toEqual([...labels, ...sections.slice(1)]);
  });
});
