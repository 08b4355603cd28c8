import type { RunMetadata, StageRecord } from '../metadata.ts';

/** A stage in which nothing happened. */
const STAGE: StageRecord = {
  ...{
    name: 'fill',
    kind: 'prepare',
    optional: false,
    start_time: '2026-02-18T16:03:00.000Z',
    wall_secs: 0,
  },
  ...{ partial: null, warnings: [], operations: 0, errors: 0, retries: 0, cancelled: 0 },
  ...{ clamped: 0, verify: null, stuck_threads: 0, start_skew_ms: 0, clock_error_ms: 0 },
  ...{ starts: [], endpoints: [] },
};

/** What is known of a run of one stage. */
export function metadataOf(stage: Partial<StageRecord>): RunMetadata {
  return {
    ...{ version: '1.0.0', test_name: 'test', config_path: 'test.yaml', command_line: [] },
    ...{ start_time: STAGE.start_time, end_time: null, duration_secs: null },
    ...{ hostname: 'here', distributed: true, agents: [], data_seed: '1', config_hash: '' },
    ...{ run_id: 'run', stages: [{ ...STAGE, ...stage }] },
  };
}
