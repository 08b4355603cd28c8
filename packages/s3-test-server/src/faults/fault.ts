import type { CutEnd } from '../http/delivery.ts';
import type { S3ErrorCode } from '../refusal/s3-error-code.ts';

/** Milliseconds: always the same, or drawn anew for each request. */
export type Milliseconds =
  | number
  | { readonly uniform: readonly [from: number, to: number] }
  | { readonly exponential: { readonly mean: number } };

/** One way to misbehave. Several at once add up, as far as they can. */
export type Fault = RequestFault | AnswerFault | DeliveryFault;

/** What happens while a request comes in, before it is carried out. Bytes are those of its body. */
export type RequestFault =
  /** Reset the connection. */
  | { readonly kind: 'reset-request'; readonly afterBodyBytes: number }
  /** Read no further, and never answer. */
  | { readonly kind: 'stall-request'; readonly afterBodyBytes: number }
  /** Answer with an error, and then read the rest (default), read no more of it, or close. */
  | {
      readonly kind: 'early-answer';
      readonly afterBodyBytes: number;
      readonly code: S3ErrorCode;
      readonly then?: 'read-on' | 'stop-reading' | 'close';
    };

/** What is answered. The first three come instead of carrying the request out. */
export type AnswerFault =
  | {
      readonly kind: 'error';
      readonly code: S3ErrorCode;
      readonly status?: number;
      readonly message?: string;
    }
  /** 307 with this Location, which begins with `http`. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** 301 PermanentRedirect that names the region in x-amz-bucket-region. */
  | { readonly kind: 'permanent-redirect'; readonly region: string }
  /** Of DeleteObjects: leave these keys, and say this error of each. */
  | { readonly kind: 'key-errors'; readonly code: S3ErrorCode; readonly keys: RegExp }
  /** This status and no body: 204, 304. */
  | { readonly kind: 'empty'; readonly status: number }
  /** Flip this many bits of the body, one by default. */
  | { readonly kind: 'corrupt'; readonly bits?: number }
  /** Say a Content-Length that is off by so much. */
  | { readonly kind: 'content-length'; readonly add: number }
  /** Add a header with a value of this length. */
  | { readonly kind: 'long-header'; readonly bytes: number }
  /** Send the body in chunks of this size, 1024 by default, with trailers. */
  | {
      readonly kind: 'chunked';
      readonly chunkBytes?: number;
      readonly trailers?: Readonly<Record<string, string>>;
    }
  /** Say `Connection: close`, and do it. */
  | { readonly kind: 'connection-close' };

/** How the answer is sent. */
export type DeliveryFault =
  /** Wait before the first byte. */
  | { readonly kind: 'latency'; readonly ms: Milliseconds }
  /** End after so many bytes, counted from the start (default) or from the start of the body. */
  | {
      readonly kind: 'cut';
      readonly afterBytes: number;
      readonly from?: 'start' | 'body';
      readonly end: CutEnd;
    }
  /** Write the head, or all, in pieces of so many bytes (default 1), so many milliseconds apart (default 0). */
  | {
      readonly kind: 'pieces';
      readonly part: 'head' | 'all';
      readonly bytes?: number;
      readonly everyMs?: number;
    }
  /** Random bytes instead of an answer, 64 by default, then the end of the connection. */
  | { readonly kind: 'garbage'; readonly bytes?: number }
  /** Send interim answers before the final one: 100, 102, 103. */
  | { readonly kind: 'interim'; readonly statuses: readonly number[] };

export type FaultKind = Fault['kind'];
