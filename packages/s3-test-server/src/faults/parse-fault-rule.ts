import { BenchError } from '@sai3bench/errors';
import { z } from 'zod';
import { S3_OPERATIONS } from '../operations/operation.ts';
import { isS3ErrorCode, type S3ErrorCode } from '../refusal/s3-error-code.ts';
import type { FaultRule } from './fault-rules.ts';

const count = z.int().min(0);
const size = z.int().min(1);
const code = z.custom<S3ErrorCode>(isS3ErrorCode, 'no error code that this server knows');
const operation = z.enum(S3_OPERATIONS);
/** `"/such/"`. */
const pattern = z
  .string()
  .regex(/^\/.*\/$/s, 'a regular expression stands between slashes')
  .transform((text, context) => {
    try {
      return new RegExp(text.slice(1, -1));
    } catch {
      context.addIssue('no regular expression');
      return z.NEVER;
    }
  });
const milliseconds = z.union([
  z.number().min(0),
  z.strictObject({ uniform: z.tuple([z.number().min(0), z.number().min(0)]) }),
  z.strictObject({ exponential: z.strictObject({ mean: z.number().min(0) }) }),
]);

const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reset-request'), afterBodyBytes: count }),
  z.strictObject({ kind: z.literal('stall-request'), afterBodyBytes: count }),
  z.strictObject({
    ...{ kind: z.literal('early-answer'), afterBodyBytes: count, code },
    then: z.enum(['read-on', 'stop-reading', 'close']).exactOptional(),
  }),
  z.strictObject({
    ...{ kind: z.literal('error'), code, status: z.int().min(300).max(599).exactOptional() },
    message: z.string().exactOptional(),
  }),
  z.strictObject({ kind: z.literal('redirect'), location: z.string().startsWith('http') }),
  z.strictObject({ kind: z.literal('permanent-redirect'), region: z.string() }),
  z.strictObject({ kind: z.literal('key-errors'), code, keys: pattern }),
  z.strictObject({ kind: z.literal('empty'), status: z.int().min(200).max(599) }),
  z.strictObject({ kind: z.literal('corrupt'), bits: size.exactOptional() }),
  z.strictObject({ kind: z.literal('content-length'), add: z.int() }),
  z.strictObject({ kind: z.literal('long-header'), bytes: size }),
  z.strictObject({
    ...{ kind: z.literal('chunked'), chunkBytes: size.exactOptional() },
    trailers: z.record(z.string(), z.string()).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('connection-close') }),
  z.strictObject({ kind: z.literal('latency'), ms: milliseconds }),
  z.strictObject({
    ...{ kind: z.literal('cut'), afterBytes: count, end: z.enum(['reset', 'close', 'stall']) },
    from: z.enum(['start', 'body']).exactOptional(),
  }),
  z.strictObject({
    ...{ kind: z.literal('pieces'), part: z.enum(['head', 'all']), bytes: size.exactOptional() },
    everyMs: z.number().min(0).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('garbage'), bytes: size.exactOptional() }),
  z.strictObject({ kind: z.literal('interim'), statuses: z.array(z.int().min(100).max(199)) }),
]);

const faultRule = z.strictObject({
  match: z
    .strictObject({
      operation: z.union([operation, z.array(operation)]).exactOptional(),
      bucket: z.string().exactOptional(),
      key: z.union([pattern, z.string()]).exactOptional(),
      skip: count.exactOptional(),
      every: size.exactOptional(),
      probability: z.number().min(0).max(1).exactOptional(),
      times: count.exactOptional(),
    })
    .exactOptional(),
  // A union would only say that neither fits.
  fault: z.preprocess(
    (one) => (Array.isArray(one) ? (one as unknown) : [one]),
    z.array(fault).min(1),
  ),
});

/**
 * Reads a rule from JSON, as it is given to the program: `{"match": {"operation": "PutObject"}, "fault": {"kind": "latency",
 * "ms": 5}}`. A key that is written as `"/such/"` is a regular expression.
 *
 * @throws BenchError `FAULT_RULE` that says what is wrong, and where
 */
export function parseFaultRule(text: string): FaultRule {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw faultRuleError(`${text} is no JSON`, cause);
  }
  const parsed = faultRule.safeParse(json);
  if (parsed.success) return parsed.data;
  throw faultRuleError(z.prettifyError(parsed.error));
}

function faultRuleError(what: string, cause?: unknown): BenchError {
  return new BenchError(`a fault cannot be understood: ${what}`, {
    code: 'FAULT_RULE',
    class: 'config',
    hint: `such as {"match": {"operation": "PutObject", "every": 10}, "fault": {"kind": "error", "code": "SlowDown"}}`,
    cause,
  });
}
