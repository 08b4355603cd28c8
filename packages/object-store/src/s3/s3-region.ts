type Environment = Readonly<Record<string, string | undefined>>;

/** What servers other than AWS expect, and where AWS sends who does not say. */
const DEFAULT_REGION = 'us-east-1';

/**
 * The region of requests: AWS_REGION or AWS_DEFAULT_REGION, else what the SDK finds by itself, such as the region of
 * a profile, else us-east-1.
 *
 * @param configured what the SDK finds; undefined when there is nothing
 */
export async function resolveS3Region(
  env: Environment,
  configured: (env: Environment) => Promise<string | undefined> = configuredRegion,
): Promise<string> {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = env[name];
    if (region !== undefined && region !== '') return region;
  }
  return (await configured(env)) ?? DEFAULT_REGION;
}

/** What was found by the SDK: a thread asks once, however many stores it has. */
const foundBySdk = new WeakMap<Environment, Promise<string | undefined>>();

function configuredRegion(env: Environment): Promise<string | undefined> {
  const found = foundBySdk.get(env) ?? sdkRegion();
  foundBySdk.set(env, found);
  return found;
}

/** The region of the SDK's own chain. A client is the only thing that tells it. */
async function sdkRegion(): Promise<string | undefined> {
  const { S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({});
  try {
    return await client.config.region();
  } catch {
    // The chain rejects when no region is configured anywhere.
    return undefined;
  } finally {
    client.destroy();
  }
}
