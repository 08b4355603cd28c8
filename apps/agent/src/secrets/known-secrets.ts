import { SECRET_VARIABLES } from '@sai3bench/barrier-protocol';
import { maskSecrets, maskTexts, Secret } from '@sai3bench/secret';

/** Variables of an agent's own environment of which nothing may be told. */
const OWN_VARIABLES = [...SECRET_VARIABLES, 'AWS_CONTAINER_AUTHORIZATION_TOKEN'];

/** Parts of messages by which they are told apart. */
const KINDS: ReadonlySet<string> = new Set(['$typeName', 'case']);

/** Secrets of an agent's own environment. */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): Secret[] {
  return OWN_VARIABLES.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [new Secret(value)];
  });
}

/**
 * The secrets that an agent knows. Whoever repeats them, a server in its answer or a program in its output: nothing that is
 * logged or leaves the agent may contain them.
 */
export class KnownSecrets {
  readonly #secrets = new Set<Secret>();

  /** Takes care that secrets are told nowhere, until the returned function is called. */
  conceal(secrets: Iterable<Secret>): () => void {
    const added = [...secrets];
    for (const secret of added) this.#secrets.add(secret);
    return () => {
      for (const secret of added) this.#secrets.delete(secret);
    };
  }

  /** A text without them. */
  maskText(text: string): string {
    return maskSecrets(text, this.#secrets);
  }

  /** A message without them, in whatever text of it. The message itself stays as it is. */
  maskMessage<Message>(message: Message): Message {
    return maskTexts(message, this.#secrets, KINDS);
  }
}
