import type { AddressList } from './http/address-list.ts';
import { type Timed, TimerWheel } from './http/timer-wheel.ts';
import type { S3Places } from './s3-places.ts';
import type { Credentials, CredentialsSource } from './sigv4/credentials.ts';

/** How often names are resolved again, and the age of credentials is looked at. */
const REFRESH_MS = 30_000;

/** Places whose addresses and signatures are kept fresh. */
export interface KeptPlaces extends Pick<S3Places, 'refresh' | 'signAs'> {
  readonly current: { readonly addresses: Pick<AddressList, 'ready' | 'refresh'> };
}

/** Finds the credentials and addresses that the requests of a store need, and keeps them fresh. */
export class S3Upkeep {
  readonly #places: KeptPlaces;
  readonly #credentials: CredentialsSource;
  readonly #wheel: TimerWheel;
  #letGoOfWheel = (): void => undefined;
  #signsAs: Credentials | undefined;
  #ended = false;

  constructor(places: KeptPlaces, credentials: CredentialsSource, wheel: TimerWheel) {
    this.#places = places;
    this.#credentials = credentials;
    this.#wheel = wheel;
  }

  /** Rejects when there are no credentials, or no addresses. */
  async find(): Promise<Credentials> {
    const { addresses } = this.#places.current;
    const [credentials] = await Promise.all([
      this.#credentials.get(),
      addresses.ready ? undefined : addresses.refresh(),
    ]);
    return credentials;
  }

  /** Signs with what was found, and keeps it fresh from now on, until {@link end}. */
  begin(credentials: Credentials): void {
    this.#signAs(credentials);
    this.#letGoOfWheel = this.#wheel.hold();
    this.#wheel.arm(this.#refresher, this.#wheel.tick + TimerWheel.ticks(REFRESH_MS));
  }

  end(): void {
    this.#ended = true;
    this.#letGoOfWheel();
  }

  readonly #refresher: Timed = {
    visitTick: 0,
    onVisit: (tick) => {
      if (this.#ended) return 0;
      void this.#refresh();
      return tick + TimerWheel.ticks(REFRESH_MS);
    },
  };

  async #refresh(): Promise<void> {
    this.#signAs(await this.#credentials.get());
    await this.#places.refresh();
  }

  #signAs(credentials: Credentials): void {
    if (credentials === this.#signsAs) return;
    this.#signsAs = credentials;
    this.#places.signAs(credentials);
  }
}
