import {
  Code,
  ConnectError,
  type ContextValues,
  createContextKey,
  createContextValues,
  type Interceptor,
} from '@connectrpc/connect';
import type { AgentLog } from '../console/agent-log.ts';

const CALLER = createContextKey('somebody');
/** Unary calls that are refused before anything else sees them: their message is too long. */
const TOO_MANY = 429;

/** What a call knows of its caller. */
export function callerValues(name: string): ContextValues {
  return createContextValues().set(CALLER, name);
}

/** Says in the log whose calls are refused because they are too much: messages that are too long, a second run. */
export function tellRefusals(log: AgentLog): Interceptor {
  return (next) => async (request) => {
    const caller = request.contextValues.get(CALLER);
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: watched(response.message, caller, log) };
    } catch (error) {
      tellTooMuch(error, caller, log);
      throw error;
    }
  };
}

/** The same for answers that no interceptor sees. */
export function tellRefusedUnary(statusCode: number, caller: string, log: AgentLog): void {
  if (statusCode === TOO_MANY) tell(log, caller, 'its message is too long');
}

async function* watched<Message>(
  messages: AsyncIterable<Message>,
  caller: string,
  log: AgentLog,
): AsyncGenerator<Message> {
  try {
    yield* messages;
  } catch (error) {
    tellTooMuch(error, caller, log);
    throw error;
  }
}

/** Tells of an error, if it is about too much. */
function tellTooMuch(error: unknown, caller: string, log: AgentLog): void {
  const { code, rawMessage } = ConnectError.from(error);
  if (code === Code.ResourceExhausted) tell(log, caller, rawMessage);
}

function tell(log: AgentLog, caller: string, why: string): void {
  log.warn(`Refused a call from ${caller}: ${why}`);
}
