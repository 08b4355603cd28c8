import {
  FindingLevel,
  LogLevel,
  Operation,
  SharingStep,
  StageOutcome,
} from '../gen/sai3bench/agent/v1/agent_pb.ts';

/** The wire's enumerations by the names that the rest of the project uses. */
export const OPERATIONS = {
  GET: Operation.GET,
  PUT: Operation.PUT,
  DELETE: Operation.DELETE,
  STAT: Operation.STAT,
  LIST: Operation.LIST,
  MKDIR: Operation.MKDIR,
  RMDIR: Operation.RMDIR,
} as const;

export const STAGE_OUTCOMES = {
  completed: StageOutcome.COMPLETED,
  stopped: StageOutcome.STOPPED,
  failed: StageOutcome.FAILED,
} as const;

export const FINDING_LEVELS = {
  success: FindingLevel.SUCCESS,
  info: FindingLevel.INFO,
  warning: FindingLevel.WARNING,
  error: FindingLevel.ERROR,
} as const;

export const SHARING_STEPS = {
  place: SharingStep.PLACE,
  look: SharingStep.LOOK,
  remove: SharingStep.REMOVE,
} as const;

export const LOG_LEVELS = {
  info: LogLevel.INFO,
  warn: LogLevel.WARN,
  error: LogLevel.ERROR,
  debug: LogLevel.DEBUG,
} as const;

export type SharingStepName = keyof typeof SHARING_STEPS;
export type OperationName = keyof typeof OPERATIONS;
export type StageOutcomeName = keyof typeof STAGE_OUTCOMES;
export type FindingLevelName = keyof typeof FINDING_LEVELS;
export type LogLevelName = keyof typeof LOG_LEVELS;

/** The name of a value on the wire; undefined for one that this version does not know. */
export function nameOf<Name extends string>(
  values: Readonly<Record<Name, number>>,
  value: number,
): Name | undefined {
  return (Object.keys(values) as Name[]).find((name) => values[name] === value);
}
