import { BenchError, type ErrorClass } from '@sai3bench/errors';
import { ObjectClient, type ObjectStore, type Versioning } from '@sai3bench/object-store';

const CONTENT = Buffer.from('sai3bench-write-probe-v1');

/** An object that is written to see whether that works. */
export class ObjectProbe {
  readonly key: string;
  readonly #store: ObjectStore;
  readonly #client: ObjectClient;
  #mayBeThere = false;

  /** @param key that nobody else uses, relative to the store's address */
  constructor(store: ObjectStore, key: string) {
    this.key = key;
    this.#store = store;
    this.#client = new ObjectClient(store);
  }

  /** Whether something of it may be there: also when writing has failed, for that may be known on the server alone. */
  get mayBeThere(): boolean {
    return this.#mayBeThere;
  }

  async write(): Promise<void> {
    this.#mayBeThere = true;
    try {
      await this.#client.put(this.key, CONTENT);
    } catch (error) {
      this.#mayBeThere = !isRefusal(error);
      throw error;
    }
  }

  /** @throws BenchError `PREFLIGHT_CORRUPT` when it is not what was written */
  async read(): Promise<void> {
    const answer = await this.#client.get(this.key);
    if (answer.equals(CONTENT)) return;
    throw new BenchError('the probe object came back with other bytes than were written', {
      code: 'PREFLIGHT_CORRUPT',
      class: 'integrity',
      hint: 'the server stores or returns something else: check for a proxy in between',
    });
  }

  /** Whether it is there. */
  async exists(): Promise<boolean> {
    try {
      await this.#client.stat(this.key);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /**
   * Removes it, with every version of it where the bucket keeps some.
   *
   * @param versioning undefined when it is not known
   */
  async remove(versioning: Versioning | undefined): Promise<void> {
    await this.#client.delete(this.key);
    if (versioning !== 'never' && versioning !== undefined) await this.#removeVersions();
    this.#mayBeThere = false;
  }

  async #removeVersions(): Promise<void> {
    const { versions } = this.#store;
    if (versions === undefined) return;
    const left: BenchError[] = [];
    await versions.list(this.key, async (page) => {
      const own = page.filter(({ key }) => key === this.key);
      if (own.length === 0) return;
      left.push(...(await versions.delete(own)).map(({ error }) => error));
    });
    const [first] = left;
    if (first !== undefined) throw first;
  }
}

/** Whether the server has said that it does not do what was asked for. */
function isRefusal(error: unknown): boolean {
  return BenchError.is(error) && REFUSALS.has(error.class);
}

const REFUSALS: ReadonlySet<ErrorClass> = new Set([
  ...(['auth', 'config', 'not-found', 'permission', 'throttled'] as const),
]);

/** Whether an error says that there is no such object. */
function isMissing(error: unknown): boolean {
  const code = BenchError.is(error) ? error.code : '';
  return code === 'S3_NoSuchKey' || code === 'S3_NotFound';
}
