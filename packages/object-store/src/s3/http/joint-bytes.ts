const EMPTY = Buffer.alloc(0);

/** Head and small body of a request in one buffer, so that they are one write; the next request uses it again. */
export class JointBytes {
  #whole = EMPTY;
  /** The part of it that was used last. */
  #part = EMPTY;

  /** Valid until the next call. */
  of(before: string, piece: Uint8Array, after: string): Buffer {
    const length = before.length + piece.length + after.length;
    if (this.#whole.length < length) {
      this.#whole = Buffer.allocUnsafeSlow(length + 1024);
      this.#part = EMPTY;
    }
    if (this.#part.length !== length) this.#part = this.#whole.subarray(0, length);
    const part = this.#part;
    part.write(before, 0, 'latin1');
    part.set(piece, before.length);
    if (after !== '') part.write(after, before.length + piece.length, 'latin1');
    return part;
  }
}
