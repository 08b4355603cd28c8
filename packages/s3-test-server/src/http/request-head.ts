/** Everything before the body of an HTTP/1.1 request (RFC 9112 section 3 and 5). */
export interface RequestHead {
  readonly method: string;
  /** The request target as sent: `/bucket/key?list-type=2`. */
  readonly target: string;
  /** Field values by lower-case name, read as latin1; repeated fields are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Length of the body, where the request says it. */
  readonly contentLength: number | undefined;
  /** The body comes in chunks (RFC 9112 section 7.1). */
  readonly chunked: boolean;
  /** The connection may be used again after the answer (RFC 9112 section 9.3). */
  readonly keepAlive: boolean;
  /** The client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1). */
  readonly expectsContinue: boolean;
}

/** A request that is not HTTP/1.1 as RFC 9112 has it: answered with `status`, after which the connection ends. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/1\.([01])$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads a request head, without the empty line that ends it. Strict where laxity lets two readers disagree about where a
 * request ends: bare CR or LF, folded lines, blanks before the colon, and two ways to say the length are all refused
 * (RFC 9112 sections 2.2, 5.1, 5.2 and 6.3).
 */
export function parseRequestHead(text: string): RequestHead {
  if (text.includes('\0')) throw new MalformedRequest('a NUL in the request head');
  let lineEnd = endOfLine(text, 0);
  const line = REQUEST_LINE.exec(text.slice(0, lineEnd));
  if (line === null) throw new MalformedRequest('the request line is malformed');
  const [, method = '', target = '', minor] = line;
  const headers = new Map<string, string>();
  let hosts = 0;
  while (lineEnd < text.length) {
    const start = lineEnd + 2;
    lineEnd = endOfLine(text, start);
    const colon = text.indexOf(':', start);
    const name = colon < lineEnd ? text.slice(start, Math.max(start, colon)) : '';
    if (!TOKEN.test(name)) throw new MalformedRequest('a header line is malformed');
    const key = name.toLowerCase();
    const value = trimBlanks(text, colon + 1, lineEnd);
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before},${value}`);
    if (key === 'host') hosts++;
  }
  if (hosts > 1 || (hosts === 0 && minor === '1')) {
    throw new MalformedRequest('a request has exactly one Host header');
  }
  return { method, target, headers, ...framing(headers, minor === '1') };
}

/** Index of the CRLF that ends the line that starts at `start`, or the end of the text. */
function endOfLine(text: string, start: number): number {
  const feed = text.indexOf('\n', start);
  const carriage = text.indexOf('\r', start);
  if (feed < 0 && carriage < 0) return text.length;
  if (feed !== carriage + 1 || carriage < 0) throw new MalformedRequest('a bare CR or LF');
  return carriage;
}

/** The part of `text` without the blanks and tabs around it. */
function trimBlanks(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

type Framing = Pick<RequestHead, 'contentLength' | 'chunked' | 'keepAlive' | 'expectsContinue'>;

/** How the body is delimited (RFC 9112 section 6.3) and what follows it. */
function framing(headers: ReadonlyMap<string, string>, persistent: boolean): Framing {
  const length = headers.get('content-length');
  const coding = headers.get('transfer-encoding');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    throw new MalformedRequest('the Content-Length is malformed');
  }
  if (coding !== undefined) {
    if (length !== undefined) {
      throw new MalformedRequest('both Content-Length and Transfer-Encoding');
    }
    if (coding.toLowerCase() !== 'chunked') {
      throw new MalformedRequest(`the transfer coding ${coding} is not known`, 501);
    }
  }
  const connection = headers.get('connection')?.toLowerCase();
  return {
    contentLength: length === undefined ? undefined : Number(length),
    chunked: coding !== undefined,
    keepAlive: persistent
      ? connection === undefined || !/\bclose\b/.test(connection)
      : connection !== undefined && /\bkeep-alive\b/.test(connection),
    expectsContinue: persistent && headers.get('expect')?.toLowerCase() === '100-continue',
  };
}
