import { shardOf } from '@sai3bench/datagen';

/** The keys of the objects that one entry of the mix puts, by their numbers. */
export class PutKeys {
  readonly #prefix: string;
  readonly #shards: number;
  readonly #name: string;

  /** @param name everything of the objects' names but the number at the end */
  constructor(place: { readonly prefix: string; readonly shards: number }, name: string) {
    // Joined once, where there is nothing in between.
    this.#prefix = place.shards === 0 ? place.prefix + name : place.prefix;
    this.#name = place.shards === 0 ? '' : name;
    this.#shards = place.shards;
  }

  keyOf(number: number): string {
    return this.#prefix + shardOf(number, this.#shards) + this.#name + String(number);
  }
}
