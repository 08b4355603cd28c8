import { create } from '@bufbuild/protobuf';
import { type LogRecord, LogRecordSchema } from '../gen/sai3bench/agent/v1/agent_pb.ts';
import { LOG_LEVELS, type LogLevelName, nameOf } from './names.ts';

/** A line of an agent's log as plain data. */
export interface PlainLogRecord {
  /** Microseconds since 1970. */
  readonly unixUs: number;
  readonly level: LogLevelName;
  readonly text: string;
  /** Another message tells the controller the same: the line is kept, but need not be shown. */
  readonly toldOtherwise: boolean;
}

export function logToWire(record: PlainLogRecord): LogRecord {
  return create(LogRecordSchema, {
    unixUs: BigInt(Math.round(record.unixUs)),
    level: LOG_LEVELS[record.level],
    text: record.text,
    toldOtherwise: record.toldOtherwise,
  });
}

export function logFromWire(record: LogRecord): PlainLogRecord {
  const { leftOut, text } = record;
  return {
    unixUs: Number(record.unixUs),
    level: nameOf(LOG_LEVELS, record.level) ?? 'info',
    text: leftOut === 0 ? text : `${text} (${String(leftOut)} lines before it are left out)`,
    toldOtherwise: record.toldOtherwise,
  };
}
