import type { SigningIdentity } from './request-signer.ts';

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
 * The credentials that a store signs with. They are fetched when they are needed first, and again before they expire;
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

  get current(): Credentials | undefined {
    return this.#current;
  }

  /** Fetches credentials; many callers share one fetch. */
  fetch(): Promise<Credentials> {
    this.#fetching ??= this.#provider()
      .then((fresh) => (this.#current = fresh))
      .finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  /** Fetches again when it is time to; resolves with fresh credentials, if there are any. */
  async refresh(): Promise<Credentials | undefined> {
    const now = this.#nowMs();
    const expiresAtMs = this.#current?.expiration?.getTime();
    if (expiresAtMs === undefined || now < expiresAtMs - REFRESH_BEFORE_MS || now < this.#retryAtMs)
      return undefined;
    this.#retryAtMs = now + RETRY_MS;
    const before = this.#current;
    try {
      const fresh = await this.fetch();
      return fresh === before ? undefined : fresh;
    } catch {
      // The old ones may be good for some minutes; after that the server says that they have expired.
      return undefined;
    }
  }
}

/**
 * Keys in the environment, which need no SDK, else the default chain of the SDK: it is loaded only then, because that
 * takes a third of a second in every thread. As in that chain, AWS_PROFILE goes before keys in the environment.
 */
export function defaultCredentials(env: Environment): CredentialsProvider {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'] ?? '';
  const sessionToken = env['AWS_SESSION_TOKEN'] ?? '';
  if (accessKeyId !== '' && secretAccessKey !== '' && (env['AWS_PROFILE'] ?? '') === '') {
    const token = sessionToken === '' ? {} : { sessionToken };
    return () => Promise.resolve({ accessKeyId, secretAccessKey, ...token });
  }
  return sdkCredentials();
}

/** The default chain: a client of the SDK is what tells it. */
function sdkCredentials(): CredentialsProvider {
  let find: CredentialsProvider | undefined;
  return async () => {
    if (find === undefined) {
      const { S3Client } = await import('@aws-sdk/client-s3');
      const client = new S3Client({ region: 'us-east-1' });
      find = () => client.config.credentials();
    }
    return find();
  };
}
