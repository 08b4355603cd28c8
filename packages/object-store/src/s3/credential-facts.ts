import { type Credentials, credentialsOf } from './sigv4/credentials.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What may be told of credentials: nothing of what they are. */
export interface CredentialFacts {
  /** Where they were found, in words. */
  readonly source: string;
  /** Undefined when they do not expire, or nobody says when. */
  readonly expiration: Date | undefined;
}

/** What the SDK calls the ways to credentials, the telling ones first: several may have been taken one after the other. */
const WAYS: readonly (readonly [string, string])[] = [
  ['CREDENTIALS_IMDS', 'the metadata service of the instance'],
  ['CREDENTIALS_HTTP', 'the service that the container names'],
  ['CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN', 'the web identity token that the environment names'],
  ['CREDENTIALS_PROFILE_STS_WEB_ID_TOKEN', 'the web identity token of a profile'],
  ['CREDENTIALS_STS_ASSUME_ROLE', 'a role that a profile names'],
  ['CREDENTIALS_SSO', 'single sign-on'],
  ['CREDENTIALS_SSO_LEGACY', 'single sign-on'],
  ['CREDENTIALS_PROCESS', 'the program that a profile names'],
  ['CREDENTIALS_PROFILE', 'the files of AWS profiles'],
  ['CREDENTIALS_ENV_VARS', 'AWS_ACCESS_KEY_ID in the environment'],
];

/**
 * Finds the credentials that requests are signed with, and says where.
 *
 * Rejects with whatever the SDK finds wrong when there are none.
 */
export async function credentialFacts(env: Environment): Promise<CredentialFacts> {
  const found: Credentials & { readonly $source?: object } = await credentialsOf(env).get();
  const taken = new Set(Object.keys(found.$source ?? {}));
  const way = WAYS.find(([name]) => taken.has(name))?.[1];
  return { source: way ?? sourceByEnvironment(env), expiration: found.expiration };
}

function sourceByEnvironment(env: Environment): string {
  const profile = env['AWS_PROFILE'] ?? '';
  if (profile !== '') return `profile ${profile}`;
  return (env['AWS_ACCESS_KEY_ID'] ?? '') === ''
    ? 'the default chain of the SDK'
    : 'AWS_ACCESS_KEY_ID in the environment';
}
