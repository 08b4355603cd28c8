import { resolveS3Region } from '../s3-region.ts';
import type { SigningIdentity } from './request-signer.ts';
import { rememberSecrets } from './signing-secrets.ts';

/** Credentials, and when they expire. */
export interface Credentials extends SigningIdentity {
  readonly expiration?: Date | undefined;
}

/** Finds credentials; called again to get fresh ones. */
export type CredentialsProvider = () => Promise<Credentials>;

type Environment = Readonly<Record<string, string | undefined>>;

/** How long before they expire credentials are fetched again. */
const REFRESH_BEFORE_MS = 5 * 60_000;
/** How long to wait after fresh credentials could not be had. */
const RETRY_MS = 10_000;

/**
 * The credentials that stores sign with. They are fetched when they are needed first, and again before they expire;
 * meanwhile the old ones are used, and when no fresh ones can be had, until the server refuses them.
 */
export class CredentialsSource {
  readonly #provider: CredentialsProvider;
  readonly #nowMs: () => number;
  #fetching: Promise<Credentials> | undefined;
  #retryAtMs = 0;
  #current: Credentials | undefined;

  constructor(provider: CredentialsProvider, nowMs: () => number = Date.now) {
    this.#provider = provider;
    this.#nowMs = nowMs;
  }

  /** The credentials to sign with now; many callers share one fetch. Rejects when there never were any. */
  async get(): Promise<Credentials> {
    const current = this.#current;
    if (current !== undefined && this.#fetching === undefined && !this.#isDue(current))
      return current;
    this.#fetching ??= this.#fetch();
    try {
      return await this.#fetching;
    } catch (error) {
      if (current === undefined) throw error;
      // The old ones may be good for some minutes; after that the server says that they have expired.
      return current;
    }
  }

  #isDue({ expiration }: Credentials): boolean {
    const now = this.#nowMs();
    const dueMs = (expiration?.getTime() ?? Infinity) - REFRESH_BEFORE_MS;
    return now >= dueMs && now >= this.#retryAtMs;
  }

  async #fetch(): Promise<Credentials> {
    this.#retryAtMs = this.#nowMs() + RETRY_MS;
    try {
      this.#current = await this.#provider();
      rememberSecrets(this.#current);
      return this.#current;
    } finally {
      this.#fetching = undefined;
    }
  }
}

/** Sources that ask the SDK: a thread asks once, however many stores it has. */
const askingTheSdk = new WeakMap<Environment, CredentialsSource>();

/**
 * Keys in the environment, which need no SDK, else the default chain of the SDK: it is loaded only then, because that
 * takes a third of a second in every thread. As in that chain, AWS_PROFILE goes before keys in the environment.
 */
export function credentialsOf(env: Environment): CredentialsSource {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'] ?? '';
  const sessionToken = env['AWS_SESSION_TOKEN'] ?? '';
  if (accessKeyId !== '' && secretAccessKey !== '' && (env['AWS_PROFILE'] ?? '') === '') {
    const token = sessionToken === '' ? {} : { sessionToken };
    return new CredentialsSource(() => Promise.resolve({ accessKeyId, secretAccessKey, ...token }));
  }
  let source = askingTheSdk.get(env);
  if (source === undefined) {
    source = new CredentialsSource(sdkCredentials(env));
    askingTheSdk.set(env, source);
  }
  return source;
}

/**
 * The default chain: a client of the SDK is what tells it. Asked again it must not answer from what it remembers, as it
 * would once before it gives fresh ones. Roles are assumed in the region of the client: other partitions know none of us-east-1.
 */
function sdkCredentials(env: Environment): CredentialsProvider {
  let find: CredentialsProvider | undefined;
  return async () => {
    if (find !== undefined) return find();
    const { S3Client } = await import('@aws-sdk/client-s3');
    const client = new S3Client({ region: await resolveS3Region(env) });
    find = () => client.config.credentials({ forceRefresh: true });
    return client.config.credentials();
  };
}
