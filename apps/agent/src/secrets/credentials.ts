import { FORWARDED_VARIABLES, mayForward, SECRET_VARIABLES } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import { Secret } from '@sai3bench/secret';

/** Environment variables with credentials that a controller has sent for one run. */
export type Credentials = ReadonlyMap<string, Secret>;

/** A message that may bring credentials. */
export interface Bringer {
  credentials: Record<string, string>;
}

/** What together says who asks; where one of them is forwarded, none of the agent's own is left beside it. */
const IDENTITY = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
];

/**
 * Takes the credentials out of a message, so that they are nowhere else.
 *
 * @param isPrivate whether nobody on the way could read the message
 * @throws BenchError `CREDENTIALS_REFUSED` for variables that may not be forwarded, or that others could read
 */
export function takeCredentials(message: Bringer, isPrivate: boolean): Credentials {
  const brought = Object.entries(message.credentials);
  message.credentials = {};
  if (brought.length > 0 && !isPrivate) {
    throw refused(
      'credentials were sent to this agent in the clear',
      'they are known to others now: replace them, and forward them only to agents without --insecure',
    );
  }
  const other = brought.find(([name]) => !mayForward(name));
  if (other !== undefined) {
    throw refused(
      `the controller may not set ${other[0]} on this agent`,
      `forward only ${FORWARDED_VARIABLES.join(', ')}`,
    );
  }
  return new Map(brought.map(([name, value]) => [name, new Secret(value)]));
}

/** Those of which nothing may be told. */
export function secretsAmong(credentials: Credentials): Secret[] {
  return SECRET_VARIABLES.flatMap((name) => credentials.get(name) ?? []);
}

/** The environment of the process that does the I/O of a run. */
export function environmentWith(
  env: Readonly<Record<string, string | undefined>>,
  credentials: Credentials,
): Record<string, string | undefined> {
  const replaced = IDENTITY.some((name) => credentials.has(name)) ? new Set(IDENTITY) : new Set();
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !replaced.has(name))),
    ...Object.fromEntries([...credentials].map(([name, value]) => [name, value.expose()])),
  };
}

function refused(message: string, hint: string): BenchError {
  return new BenchError(message, { code: 'CREDENTIALS_REFUSED', class: 'permission', hint });
}
