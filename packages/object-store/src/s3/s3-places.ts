import type { S3Uri } from '@sai3bench/store-uri';
import type { TrafficCounter } from '../traffic/traffic-counter.ts';
import { type Address, AddressList } from './http/address-list.ts';
import { ConnectionPool } from './http/connection-pool.ts';
import type { TimerWheel } from './http/timer-wheel.ts';
import { type RedirectTarget, redirectTarget } from './redirect-target.ts';
import type { S3Endpoint } from './s3-endpoint.ts';
import type { S3Settings } from './s3-options.ts';
import { endpointDomain, type S3Target, s3Target } from './s3-target.ts';
import { EMPTY_SHA256 } from './sigv4/canonical-request.ts';
import { RequestSigner, type SigningIdentity } from './sigv4/request-signer.ts';

/** Where requests go, and what they are signed for. */
export interface S3Place {
  readonly region: string;
  readonly target: S3Target;
  readonly addresses: AddressList;
  readonly pool: ConnectionPool;
  /** Another one when there are fresh credentials. */
  signer: RequestSigner;
}

/** A place for one request that was sent on to it, and its path and query there. */
export interface Detour {
  readonly place: S3Place;
  readonly redirect: RedirectTarget | undefined;
}

/** What all places of a store have in common. */
export interface S3PlacesOptions {
  readonly uri: S3Uri;
  readonly endpoint: S3Endpoint;
  readonly settings: S3Settings;
  readonly maxConnections: number;
  readonly nowNs: () => number;
  readonly wheel: TimerWheel;
  readonly traffic: TrafficCounter;
}

/** Hosts that requests may be sent on to; who redirects to more of them has lost its way. */
const MAX_HOSTS = 64;

/**
 * The places that the requests of a store go to: the configured one, and those that the server has named. A region that it names
 * is tried by the request that was told, and once that is answered adopted for good: by later requests too, and once per store.
 * A 307 is followed for one request alone.
 */
export class S3Places {
  readonly #options: S3PlacesOptions;
  readonly #domain: string;
  /** By host and region. */
  readonly #places = new Map<string, S3Place>();
  readonly #hosts = new Map<string, Pick<S3Place, 'addresses' | 'pool'>>();
  readonly #refused = new Set<string>();
  #identity: SigningIdentity = { accessKeyId: '', secretAccessKey: '' };
  #adopted = false;
  #current: S3Place;

  constructor(options: S3PlacesOptions) {
    this.#options = options;
    const { endpoint, traffic, uri } = options;
    this.#domain = endpointDomain(endpoint);
    this.#current = this.#place(s3Target(uri, endpoint), endpoint.region);
    traffic.signsFor(endpoint.region, false);
  }

  /** Where requests go that were told nothing else. */
  get current(): S3Place {
    return this.#current;
  }

  /** Every address that was ever used. */
  get addresses(): readonly Address[] {
    return [...this.#hosts.values()].flatMap(({ addresses }) => addresses.all());
  }

  /** From now on requests are signed with these credentials. */
  signAs(identity: SigningIdentity): void {
    this.#identity = identity;
    for (const place of this.#places.values()) place.signer = this.#signer(place);
  }

  /** A place to try in another region; undefined when that region was refused, or another one adopted before. */
  inRegion(region: string): Detour | undefined {
    if (region === this.#current.region) return { place: this.#current, redirect: undefined };
    if (this.#adopted || this.#refused.has(region)) return undefined;
    const { endpoint, uri } = this.#options;
    const moved = { ...endpoint, region };
    if (endpointDomain(moved) !== this.#domain) return undefined;
    return {
      place: this.#place(s3Target(uri, moved), region),
      redirect: undefined,
    };
  }

  /** The server takes requests that are signed for the region that it has named. */
  adopt(place: S3Place): void {
    if (this.#adopted) return;
    this.#adopted = true;
    this.#current = place;
    this.#options.traffic.signsFor(place.region, true);
  }

  /** The server does not take requests for the region that it has named. */
  refuse(place: S3Place): void {
    this.#refused.add(place.region);
  }

  /** The place that a Location names for one request; undefined when it must not be followed. */
  at(from: S3Place, location: string): Detour | undefined {
    const redirect = redirectTarget(from.target, this.#domain, location);
    if (redirect === undefined) return undefined;
    const { host, hostname, port, secure } = redirect;
    if (!this.#hosts.has(hostKey(redirect)) && this.#hosts.size >= MAX_HOSTS) return undefined;
    const target = { ...from.target, secure, hostname, port, host };
    return { place: this.#place(target, from.region), redirect };
  }

  /** Resolves names again. A name server that does not answer now is no reason to forget the addresses. */
  async refresh(): Promise<void> {
    for (const { addresses, pool } of this.#hosts.values()) {
      const changed = await addresses.refresh().catch(() => false);
      if (changed) pool.rebalance();
    }
  }

  cancelAll(): void {
    for (const { pool } of this.#hosts.values()) pool.cancelAll();
  }

  close(): void {
    for (const { pool } of this.#hosts.values()) pool.close();
  }

  #place(target: S3Target, region: string): S3Place {
    const key = `${hostKey(target)} ${region}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      const bare = { ...this.#host(target), region, target };
      place = { ...bare, signer: this.#signer(bare) };
      this.#places.set(key, place);
    }
    return place;
  }

  #host(target: S3Target): Pick<S3Place, 'addresses' | 'pool'> {
    const known = this.#hosts.get(hostKey(target));
    if (known !== undefined) return known;
    const { maxConnections, nowNs, settings, traffic, wheel } = this.#options;
    const addresses = new AddressList(target.hostname, traffic);
    const options = {
      ...settings,
      localAddress: settings.localAddress,
      host: target.hostname,
      port: target.port,
      tls: target.secure ? settings.tls : undefined,
      ...{ maxConnections, nowNs, traffic },
    };
    const host = { addresses, pool: new ConnectionPool(options, addresses, wheel) };
    this.#hosts.set(hostKey(target), host);
    return host;
  }

  #signer({ region, target }: Pick<S3Place, 'region' | 'target'>): RequestSigner {
    const { keepAlive, payload } = this.#options.settings;
    return new RequestSigner(this.#identity, {
      host: target.host,
      region,
      usualPayloadHash: payload === 'signed' ? EMPTY_SHA256 : 'UNSIGNED-PAYLOAD',
      extraFields: keepAlive ? '' : 'connection: close\r\n',
    });
  }
}

function hostKey({ host, secure }: Pick<S3Target, 'host' | 'secure'>): string {
  return `${secure ? 'https' : 'http'}://${host}`;
}
