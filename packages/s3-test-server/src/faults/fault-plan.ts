import { type Answer, interimAnswers } from '../http/answer.ts';
import type { Cut, Delivery, Pieces } from '../http/delivery.ts';
import { Refusal } from '../refusal/refusal.ts';
import type { S3ErrorCode } from '../refusal/s3-error-code.ts';
import { alterAnswer } from './alter-answer.ts';
import type { AnswerFault, Fault, Milliseconds, RequestFault } from './fault.ts';
import type { Random } from './random.ts';

/** What the faults that struck a request do to it, stage by stage. */
export interface FaultPlan {
  readonly onRequest: RequestFault | undefined;
  /** The answer instead of carrying the request out. */
  readonly refusal: Refusal | undefined;
  /** Why a key of DeleteObjects is not deleted; undefined when it is. */
  readonly keyError: (key: string) => S3ErrorCode | undefined;
  /** The answer, altered. */
  readonly alter: (answer: Answer) => Answer;
  readonly delivery: Delivery;
}

const DEFAULT_GARBAGE_BYTES = 64;

/** The plan of some faults; undefined for none. */
export function planFaults(faults: readonly Fault[], random: Random): FaultPlan | undefined {
  if (faults.length === 0) return undefined;
  let onRequest: RequestFault | undefined;
  let refusal: Refusal | undefined;
  const alterations: AnswerFault[] = [];
  const delivery: { -readonly [Name in keyof Delivery]: Delivery[Name] } = {};
  for (const fault of faults) {
    switch (fault.kind) {
      case 'reset-request':
      case 'stall-request':
      case 'early-answer':
        onRequest = fault;
        break;
      case 'latency':
        delivery.delayMs = (delivery.delayMs ?? 0) + drawMs(fault.ms, random);
        break;
      case 'cut':
        delivery.cut = {
          afterBytes: fault.afterBytes,
          from: fault.from ?? 'start',
          end: fault.end,
        } satisfies Cut;
        break;
      case 'pieces':
        delivery.pieces = {
          part: fault.part,
          bytes: fault.bytes ?? 1,
          everyMs: fault.everyMs ?? 0,
        } satisfies Pieces;
        break;
      case 'garbage':
        delivery.instead = garbage(fault.bytes ?? DEFAULT_GARBAGE_BYTES, random);
        delivery.cut = { afterBytes: delivery.instead.length, from: 'start', end: 'close' };
        break;
      case 'interim':
        delivery.before = interimAnswers(fault.statuses);
        break;
      default:
        refusal ??= refusalOf(fault);
        alterations.push(fault);
    }
  }
  return {
    onRequest,
    refusal,
    delivery,
    keyError: (key) => {
      for (const fault of alterations)
        if (fault.kind === 'key-errors' && fault.keys.test(key)) return fault.code;
      return undefined;
    },
    alter: (answer) =>
      alterations.reduce((altered, fault) => alterAnswer(altered, fault, random), answer),
  };
}

function refusalOf(fault: AnswerFault): Refusal | undefined {
  switch (fault.kind) {
    case 'error': {
      const { message, status } = fault;
      return new Refusal(fault.code, {
        ...(message === undefined ? {} : { message }),
        ...(status === undefined ? {} : { status }),
      });
    }
    case 'redirect':
      return new Refusal('TemporaryRedirect', { headers: `Location: ${fault.location}\r\n` });
    case 'permanent-redirect':
      return new Refusal('PermanentRedirect', {
        headers: `x-amz-bucket-region: ${fault.region}\r\n`,
        details: { Region: fault.region },
      });
    default:
      return undefined;
  }
}

/** A time, drawn where it is a distribution. */
export function drawMs(ms: Milliseconds, random: Random): number {
  if (typeof ms === 'number') return ms;
  if ('uniform' in ms) {
    const [from, to] = ms.uniform;
    return from + random.next() * (to - from);
  }
  return -Math.log(1 - random.next()) * ms.exponential.mean;
}

function garbage(length: number, random: Random): Buffer {
  // Nothing but bytes above ASCII: no reader can take this for the start of an answer.
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) bytes[index] = 0x80 | random.below(0x80);
  return bytes;
}
