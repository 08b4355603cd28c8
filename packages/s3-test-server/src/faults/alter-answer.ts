import type { Answer } from '../http/answer.ts';
import { type Body, bodyLength, joinBody } from '../http/body.ts';
import type { AnswerFault } from './fault.ts';
import type { Random } from './random.ts';

const DEFAULT_CHUNK_BYTES = 1024;

/** An answer as one fault leaves it. */
export function alterAnswer(answer: Answer, fault: AnswerFault, random: Random): Answer {
  switch (fault.kind) {
    case 'empty':
      return { ...answer, status: fault.status, body: [] };
    case 'corrupt':
      return { ...answer, body: flipBits(answer.body, fault.bits ?? 1, random) };
    case 'content-length':
      return {
        ...answer,
        contentLength: Math.max(0, (answer.contentLength ?? bodyLength(answer.body)) + fault.add),
      };
    case 'long-header':
      return { ...answer, headers: `${answer.headers}x-long: ${'x'.repeat(fault.bytes)}\r\n` };
    case 'chunked':
      return {
        ...answer,
        chunks: {
          bytes: fault.chunkBytes ?? DEFAULT_CHUNK_BYTES,
          trailers: Object.entries(fault.trailers ?? {})
            .map(([name, value]) => `${name}: ${value}\r\n`)
            .join(''),
        },
      };
    case 'connection-close':
      return { ...answer, close: true };
    case 'error':
    case 'key-errors':
    case 'redirect':
    case 'permanent-redirect':
      return answer;
  }
}

/** A copy with some bits turned, each time at a byte of its own where there are enough. */
function flipBits(body: Body, bits: number, random: Random): Body {
  const bytes = Buffer.from(joinBody(body));
  const flipped = new Set<number>();
  for (let count = 0; count < Math.min(bits, bytes.length); count++) {
    let at = random.below(bytes.length);
    while (flipped.has(at)) at = (at + 1) % bytes.length;
    flipped.add(at);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return [bytes];
}
