import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the token, an agent's certificate and the list of known agents are when nobody says otherwise: `sai3bench` in
 * `$XDG_CONFIG_HOME`, or in `~/.config`.
 */
export function controlHome(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env['XDG_CONFIG_HOME'];
  const parent = chosen === undefined || chosen === '' ? join(homedir(), '.config') : chosen;
  return join(parent, 'sai3bench');
}
