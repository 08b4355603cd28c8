import { BenchError } from '@sai3bench/errors';
import { type CredentialFacts, credentialFacts } from '@sai3bench/object-store';
import { formatDurationMs } from '@sai3bench/units';
import { inParallel } from '../dataset/in-parallel.ts';
import { TimeLimit, untilAborted } from '../dataset/time-limit.ts';
import type { CheckContext } from './check-context.ts';
import { S3EndpointCheck } from './check-s3-endpoint.ts';
import { Checklist } from './checklist.ts';
import { type S3EndpointOfPlan, s3EndpointsOf } from './s3-endpoints.ts';

/** Endpoints that are checked at once. */
const AT_ONCE = 16;
/** For all checks of one endpoint. */
const ENDPOINT_LIMIT_MS = 10_000;
/** For finding credentials: they may have to be fetched. */
const CREDENTIALS_LIMIT_MS = 10_000;
/** Credentials that expire sooner than this may not last for the run. */
const LASTING_MS = 3_600_000;

/** Checks all endpoints of S3 side by side, each within a time of its own. */
export async function checkS3(
  context: CheckContext,
  limitMs: number = ENDPOINT_LIMIT_MS,
): Promise<void> {
  const endpoints = s3EndpointsOf(context.plan);
  if (endpoints.length === 0) return;
  const hasCredentials = await checkCredentials(context);
  const rest = endpoints.values();
  await inParallel(AT_ONCE, new AbortController().signal, async () => {
    const next = rest.next();
    if (next.done === true || context.signal.aborted) return false;
    await checkInTime(next.value, context, limitMs, hasCredentials);
    return true;
  });
}

/** Looks for credentials once for all endpoints, as they are the same. Says nothing of what they are. */
async function checkCredentials(context: CheckContext): Promise<boolean> {
  const checks = new Checklist('', context);
  const limit = new TimeLimit(CREDENTIALS_LIMIT_MS, context.signal);
  try {
    return await checks.attempt('login', async () => {
      reportCredentials(await findCredentials(limit.signal), Date.now(), checks);
    });
  } finally {
    limit.off();
  }
}

async function findCredentials(signal: AbortSignal): Promise<CredentialFacts> {
  try {
    return await untilAborted(signal, () => credentialFacts(process.env));
  } catch (cause) {
    throw new BenchError('no credentials were found', {
      code: 'PREFLIGHT_NO_CREDENTIALS',
      class: 'auth',
      hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, where the agent runs',
      cause,
    });
  }
}

/** @param nowMs time of day, ms since 1970 */
export function reportCredentials(
  { expiration, source }: CredentialFacts,
  nowMs: number,
  checks: Checklist,
): void {
  const found = `credentials found in ${source}`;
  if (expiration === undefined) {
    checks.report('info', 'AUTH', 'login', found);
    return;
  }
  const leftMs = expiration.getTime() - nowMs;
  const until = `they expire at ${expiration.toISOString()}`;
  if (leftMs <= 0) {
    throw new BenchError(`${found}, but they have expired at ${expiration.toISOString()}`, {
      code: 'PREFLIGHT_CREDENTIALS_EXPIRED',
      class: 'auth',
      hint: 'fetch new credentials where the agent runs, then start it again',
    });
  }
  if (leftMs >= LASTING_MS) {
    checks.report('info', 'AUTH', 'login', `${found}; ${until}`);
    return;
  }
  checks.report(
    'warning',
    'AUTH',
    'login',
    `${found}; ${until}, in ${formatDurationMs(leftMs)}`,
    'a longer run goes on only if fresh ones can be fetched from the same place: a role can, keys with a token cannot',
  );
}

/** Checks an endpoint, and gives it up when that takes too long. What it has written is removed in any case. */
async function checkInTime(
  endpoint: S3EndpointOfPlan,
  context: CheckContext,
  limitMs: number,
  hasCredentials: boolean,
): Promise<void> {
  const limit = new TimeLimit(limitMs, context.signal);
  let checking = '';
  const check = new S3EndpointCheck(
    endpoint,
    {
      ...context,
      // What comes too late is not looked at any more.
      signal: limit.signal,
      onChecking: (what, check) => {
        checking = what;
        context.onChecking(what, check);
      },
    },
    hasCredentials,
  );
  try {
    await untilAborted(limit.signal, () => check.run());
  } catch (error) {
    const late = BenchError.is(error) && error.code === 'TIME_LIMIT';
    const checks = new Checklist(endpoint.address, context);
    checks.fail('time', late ? hungError(checking, limitMs) : error);
  } finally {
    limit.off();
    await check.end(new Checklist(endpoint.address, context));
  }
}

function hungError(checking: string, limitMs: number): BenchError {
  return new BenchError(
    `the checks were not over after ${formatDurationMs(limitMs)}: under way was "${checking}"`,
    {
      code: 'PREFLIGHT_TIMEOUT',
      class: 'timeout',
      hint: 'the server seems to hang: see its log, and check the network to it',
    },
  );
}
