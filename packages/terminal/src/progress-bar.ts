const FULL = '█';
const EMPTY = '░';

/**
 * A bar of `width` characters that is filled in proportion. It is full only when everything is done.
 *
 * @param share done share of the whole, 0 to 1
 */
export function progressBar(share: number, width: number): string {
  const filled = Math.floor(Math.min(1, Math.max(0, share)) * width);
  return FULL.repeat(filled) + EMPTY.repeat(width - filled);
}
