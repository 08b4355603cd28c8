/** Whether the text is an address with a scheme, rather than a path relative to one. */
export function isAbsoluteUri(text: string): boolean {
  return /^[a-z][a-z0-9+]*:\/\//i.test(text) || text.startsWith('null:');
}

/** `base` with exactly one slash at its end; `null:` has no parts and stays as it is. */
export function asDirectoryUri(base: string): string {
  return base.startsWith('null:') || base.endsWith('/') ? base : `${base}/`;
}

/** A path below a base address; leading slashes of the path do not matter. */
export function joinUri(base: string, path: string): string {
  return `${asDirectoryUri(base)}${path.replace(/^\/+/, '')}`;
}

/** What follows `base` in `uri`, or undefined when `uri` does not lie below `base`. */
export function pathBelow(base: string, uri: string): string | undefined {
  const directory = asDirectoryUri(base);
  if (asDirectoryUri(uri) === directory) return '';
  return uri.startsWith(directory) ? uri.slice(directory.length) : undefined;
}
