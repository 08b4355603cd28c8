import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { FORWARDED_VARIABLES, SECRET_VARIABLES } from '@sai3bench/barrier-protocol';
import { readPrivateFile } from '@sai3bench/control-link';
import type { ForwardedCredentials } from '@sai3bench/coordinator';
import { BenchError } from '@sai3bench/errors';
import { Secret } from '@sai3bench/secret';

/** What the command line says about credentials. */
export interface ForwardOptions {
  readonly forwardCredentials: boolean;
  readonly envFile?: string;
}

/**
 * The credentials that agents get for one run: from `--env-file`, else from the environment of the controller. Only
 * variables that may be forwarded are taken.
 *
 * @param cwd what the path of the file is relative to
 * @returns nothing unless it was asked for
 * @throws BenchError `FORWARD_CREDENTIALS` when there are none, or a file was named without asking for it; and what
 *   {@link readPrivateFile} throws
 */
export function credentialsToForward(
  { envFile, forwardCredentials }: ForwardOptions,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): ForwardedCredentials {
  if (!forwardCredentials) {
    if (envFile === undefined) return new Map();
    throw new BenchError('--env-file says which credentials to forward, but none are forwarded', {
      code: 'FORWARD_CREDENTIALS',
      class: 'config',
      hint: 'add --forward-credentials, or leave --env-file away',
    });
  }
  const source = envFile === undefined ? env : variablesIn(resolve(cwd, envFile));
  const found = FORWARDED_VARIABLES.flatMap((name) => {
    const value = source[name] ?? '';
    return value === '' ? [] : [[name, new Secret(value)] as const];
  });
  if (found.length > 0) return new Map(found);
  throw new BenchError(
    `there are no credentials to forward: ${envFile ?? 'the environment'} sets none of ${FORWARDED_VARIABLES.join(', ')}`,
    {
      code: 'FORWARD_CREDENTIALS',
      class: 'config',
      hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or leave --forward-credentials away: agents then use their own',
    },
  );
}

/** Those of which nothing may be shown or kept. */
export function secretsAmong(credentials: ForwardedCredentials): Secret[] {
  return SECRET_VARIABLES.flatMap((name) => credentials.get(name) ?? []);
}

function variablesIn(path: string): Readonly<Record<string, string | undefined>> {
  const text = readPrivateFile(path, 'the credentials');
  if (text !== undefined) return parseEnv(text);
  throw new BenchError(`there is no file ${path}`, {
    code: 'FORWARD_CREDENTIALS',
    class: 'config',
    hint: '--env-file names a file of lines like AWS_ACCESS_KEY_ID=...',
  });
}
