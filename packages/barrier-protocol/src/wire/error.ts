import { create } from '@bufbuild/protobuf';
import { type ErrorRecord, isErrorClass } from '@sai3bench/errors';
import { type ErrorDetail, ErrorDetailSchema } from '../gen/sai3bench/agent/v1/agent_pb.ts';

export function errorToWire(record: ErrorRecord): ErrorDetail {
  return create(ErrorDetailSchema, {
    code: record.code,
    errorClass: record.class,
    message: record.message,
    hint: record.hint ?? '',
    endpoint: record.endpoint ?? '',
    key: record.key ?? '',
    attempts: record.attempts,
    retryable: record.retryable,
    causes: [...record.causes],
  });
}

export function errorFromWire(detail: ErrorDetail): ErrorRecord {
  const optional = (key: 'hint' | 'endpoint' | 'key'): Partial<ErrorRecord> =>
    detail[key] === '' ? {} : { [key]: detail[key] };
  return {
    code: detail.code,
    class: isErrorClass(detail.errorClass) ? detail.errorClass : 'internal',
    message: detail.message,
    ...optional('hint'),
    ...optional('endpoint'),
    ...optional('key'),
    attempts: detail.attempts,
    retryable: detail.retryable,
    causes: detail.causes,
  };
}
