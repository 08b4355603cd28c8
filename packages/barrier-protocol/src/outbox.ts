/** What an outbox needs to know of its messages. */
export interface OutboxOptions<Message> {
  /** Above this size, messages that were never sent are merged. */
  readonly limitBytes: number;
  readonly sizeBytesOf: (message: Message) => number;
  /** Two messages that follow each other as one, with the number of the later; undefined when they cannot be merged. */
  readonly merge: (earlier: Message, later: Message) => Message | undefined;
}

interface Kept<Message> {
  readonly sequence: number;
  readonly message: Message;
  readonly sizeBytes: number;
  /** Whether it may be on its way, or have arrived: then it must stay what it is. */
  wasSent: boolean;
}

/**
 * Numbered messages that are kept until the other side has acknowledged them, so that nothing is lost or counted twice
 * when a link breaks. What was never sent may be merged when memory runs short; nothing is ever dropped.
 */
export class Outbox<Message> {
  readonly #options: OutboxOptions<Message>;
  #kept: Kept<Message>[] = [];
  #sequence = 0;
  #sizeBytes = 0;
  /** Merging is tried again above this size, so that messages that cannot be merged are not looked at each time. */
  #mergeAboveBytes: number;

  constructor(options: OutboxOptions<Message>) {
    this.#options = options;
    this.#mergeAboveBytes = options.limitBytes;
  }

  /** Number of the newest message; 0 before the first. */
  get lastSequence(): number {
    return this.#sequence;
  }

  /** Messages that are not acknowledged. */
  get length(): number {
    return this.#kept.length;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Goes on with the number after this one: some were sent by another outbox. Only before the first message. */
  continueAfter(sequence: number): void {
    if (this.#kept.length === 0) this.#sequence = Math.max(this.#sequence, sequence);
  }

  /** Keeps the message that is made for the next number; returns it. */
  add(make: (sequence: number) => Message): Message {
    const message = make(++this.#sequence);
    this.#push({ sequence: this.#sequence, message, wasSent: false });
    if (this.#sizeBytes > this.#mergeAboveBytes) this.#mergePairs();
    return message;
  }

  /** The first message after a number, which counts as sent from now on; undefined when there is none yet. */
  take(after: number): { readonly sequence: number; readonly message: Message } | undefined {
    const kept = this.#kept[this.#indexAfter(after)];
    if (kept === undefined) return undefined;
    kept.wasSent = true;
    return kept;
  }

  /** Forgets everything up to a number; returns what it has forgotten. */
  acknowledge(sequence: number): Message[] {
    const acknowledged = this.#kept.splice(0, this.#indexAfter(sequence));
    for (const { sizeBytes } of acknowledged) this.#sizeBytes -= sizeBytes;
    this.#mergeAboveBytes = Math.max(this.#options.limitBytes, this.#sizeBytes);
    return acknowledged.map(({ message }) => message);
  }

  #push(entry: Pick<Kept<Message>, 'message' | 'sequence' | 'wasSent'>): void {
    const sizeBytes = this.#options.sizeBytesOf(entry.message);
    this.#kept.push({ ...entry, sizeBytes });
    this.#sizeBytes += sizeBytes;
  }

  #mergePairs(): void {
    const { limitBytes, merge } = this.#options;
    const before = this.#kept;
    this.#kept = [];
    this.#sizeBytes = 0;
    for (let index = 0; index < before.length; index++) {
      const first = before[index];
      const second = before[index + 1];
      if (first === undefined) break;
      const merged =
        second === undefined || first.wasSent || second.wasSent
          ? undefined
          : merge(first.message, second.message);
      if (merged === undefined || second === undefined) {
        this.#push(first);
      } else {
        this.#push({ sequence: second.sequence, message: merged, wasSent: false });
        index++;
      }
    }
    // A tenth more: each pass looks at everything.
    this.#mergeAboveBytes = Math.max(limitBytes, this.#sizeBytes + limitBytes / 10);
  }

  #indexAfter(sequence: number): number {
    let low = 0;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#kept[middle]?.sequence ?? Infinity) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
