const MASK = '***';

/**
 * Text that nobody may see, such as a token or the key to a storage. However it is printed, logged, put into a template,
 * inspected or turned into JSON, `***` is what comes out; {@link expose} is the one way to the text.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself: only for where it is used, never for where something is told. */
  expose(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  /** What `util.inspect` and `console.log` of Node.js show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}
