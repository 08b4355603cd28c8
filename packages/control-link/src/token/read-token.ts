import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import { Secret } from '@sai3bench/secret';
import { controlHome } from '../control-home.ts';
import { readPrivateFile } from '../private-file.ts';

/** The environment variable that may hold the token. */
export const TOKEN_VARIABLE = 'SAI3BENCH_TOKEN';

/**
 * Whoever talks to an agent can collect proofs and try tokens against them at home: only one that cannot be guessed
 * is of use. 32 characters are 128 bits in hexadecimal digits.
 */
const SHORTEST_TOKEN = 32;
const MOST_TOKEN_BYTES = 4 * 1024;

export interface TokenOptions {
  /** `--token-file`. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where the token is looked for when nobody says where. */
function defaultTokenFile(env: TokenOptions['env']): string {
  return join(controlHome(env), 'token');
}

/** A command line that makes a token where it is looked for. */
export function tokenRecipe(env: TokenOptions['env']): string {
  const home = controlHome(env);
  return `(umask 077; mkdir -p ${home} && head -c 32 /dev/urandom | base64 > ${join(home, 'token')})`;
}

/**
 * The token that both ends of the control link know: from the file that is named, else from `SAI3BENCH_TOKEN`, else from
 * its default place.
 *
 * @returns undefined where there is none
 * @throws BenchError `TOKEN_MISSING` when the named file does not exist, `TOKEN_WEAK` when it is too short to be safe,
 *   and what {@link readPrivateFile} throws
 */
export function readToken({ env, file }: TokenOptions): Secret | undefined {
  if (file !== undefined) {
    const text = readPrivateFile(file, 'the token', MOST_TOKEN_BYTES);
    if (text === undefined) throw missing(file, env);
    return tokenOf(text, file, env);
  }
  const value = env[TOKEN_VARIABLE];
  if (value !== undefined && value !== '') return tokenOf(value, TOKEN_VARIABLE, env);
  const path = defaultTokenFile(env);
  const text = readPrivateFile(path, 'the token', MOST_TOKEN_BYTES);
  return text === undefined ? undefined : tokenOf(text, path, env);
}

function tokenOf(text: string, source: string, env: TokenOptions['env']): Secret {
  const token = text.trim();
  if (/^[\x21-\x7e]*$/.test(token) && token.length >= SHORTEST_TOKEN) return new Secret(token);
  throw new BenchError(
    `the token in ${source} is not one line of at least ${String(SHORTEST_TOKEN)} visible characters`,
    {
      code: 'TOKEN_WEAK',
      class: 'config',
      hint: `make one that nobody can guess: ${tokenRecipe(env)}`,
    },
  );
}

function missing(file: string, env: TokenOptions['env']): BenchError {
  return new BenchError(`there is no token file ${file}`, {
    code: 'TOKEN_MISSING',
    class: 'config',
    hint: `check --token-file, or make a token in its default place: ${tokenRecipe(env)}`,
  });
}
