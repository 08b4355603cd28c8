import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError, systemCode } from '@sai3bench/errors';
import { makeDirectories } from '@sai3bench/store-uri';
import { controlHome } from '../control-home.ts';

/** Where a controller remembers the certificates of agents. */
export function knownAgentsFile(env: Readonly<Record<string, string | undefined>>): string {
  return join(controlHome(env), 'known_agents');
}

/**
 * The certificates that agents have shown, by their address: lines of an address and a fingerprint, of which the last one
 * of an address holds.
 */
export class KnownAgents {
  readonly path: string;
  #known: Map<string, string> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * The fingerprint of the certificate that an agent has shown; undefined for one that is not known.
   *
   * @throws BenchError `KNOWN_AGENTS`, as {@link remember}, when the file cannot be used
   */
  get(address: string): string | undefined {
    this.#known ??= this.#attempt('read', () => readLines(this.path));
    return this.#known.get(address);
  }

  /** Notes the certificate that an agent has. */
  remember(address: string, fingerprint: string): void {
    if (this.get(address) === fingerprint) return;
    this.#attempt('write', () => {
      makeDirectories(dirname(this.path), {
        mkdir: (path) => mkdirSync(path, 0o700),
        stat: statSync,
      });
      appendFileSync(this.path, `${address} ${fingerprint}\n`, { mode: 0o600 });
    });
    this.#known?.set(address, fingerprint);
  }

  #attempt<Result>(what: string, act: () => Result): Result {
    try {
      return act();
    } catch (cause) {
      throw new BenchError(`cannot ${what} the list of known agents ${this.path}`, {
        code: 'KNOWN_AGENTS',
        class: 'config',
        hint: 'set XDG_CONFIG_HOME to a directory that this user may write to',
        cause,
      });
    }
  }
}

function readLines(path: string): Map<string, string> {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  return new Map(
    text.split('\n').flatMap((line) => {
      const [address, fingerprint] = line.trim().split(/\s+/);
      return address === undefined || fingerprint === undefined ? [] : [[address, fingerprint]];
    }),
  );
}
