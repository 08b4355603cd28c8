/**
 * Environment variables that a controller may forward to agents: keys, and where and in which region they hold. Not among
 * them are those that name files or profiles: with these, programs of the agent's host could be started.
 */
export const FORWARDED_VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
] as const;

/** Those of them of which nothing may be told. */
export const SECRET_VARIABLES = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;

/** Whether a controller may forward a variable. */
export function mayForward(name: string): boolean {
  return (FORWARDED_VARIABLES as readonly string[]).includes(name);
}

/** The server that forwarded variables name for addresses that name only a bucket. */
export function forwardedEndpoint(
  value: (name: (typeof FORWARDED_VARIABLES)[number]) => string | undefined,
): string | undefined {
  return value('AWS_ENDPOINT_URL_S3') ?? value('AWS_ENDPOINT_URL');
}
