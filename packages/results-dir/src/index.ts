export { AgentDirectory } from './agent-directory.ts';
export { traceOfRun } from './ended-run.ts';
export { formatRfc3339 } from './metadata.ts';
export { redact } from './redact.ts';
export { MANY_AGENTS, ResultsDirectory, writePreflightFile } from './results-directory.ts';
export { CONTROL_DIRECTORY, RunJournal } from './run-journal.ts';
export { statusText } from './status-file.ts';
export { ERROR_COLUMNS } from './tables/error-table.ts';
export { AGENT_RESULT_COLUMNS, OPERATION_COLUMNS } from './tables/operation-table.ts';
export { PERF_COLUMNS } from './tables/perf-log.ts';
export { AGGREGATE, LEDGER_COLUMNS } from './tables/populate-ledger.ts';
export { AGENT_COLUMNS, stageFileName } from './tables/stage-file.ts';
export { parseTsv } from './tables/tsv.ts';

export type {
  EndpointRecord,
  RunMetadata,
  StageRecord,
  StartRecord,
  VerifyRecord,
  WireRecord,
} from './metadata.ts';
export type { FileLengths } from './file-lengths.ts';
export type { JournalContents } from './run-journal.ts';
export type { AgentStatus, RunStatus, StageErrors } from './status-file.ts';
export type { ErrorRow } from './tables/error-table.ts';
export type { OperationRow } from './tables/operation-table.ts';
export type { PerfRow } from './tables/perf-log.ts';
export type { PreflightRow } from './tables/preflight-table.ts';
export type { LedgerRow } from './tables/populate-ledger.ts';
export type { AgentShare, CommonWindow, StageResult } from './tables/stage-file.ts';
export type { Column } from './tables/tsv.ts';
