import { Dataset, seedOf } from '@sai3bench/datagen';
import {
  allocateEndpointBoard,
  allocateEndpointCounters,
  DEFAULT_BREAKER,
  EndpointCounters,
  EndpointPool,
  SELECTION_STRATEGIES,
  type SelectionStrategy,
} from '@sai3bench/multi-endpoint';
import {
  allocateEntryLedger,
  EntryLedger,
} from '../../../packages/workload-engine/src/memory/entry-ledger.ts';
import {
  allocateSequences,
  SharedSequence,
} from '../../../packages/workload-engine/src/memory/shared-sequence.ts';
import { Deck } from '../../../packages/workload-engine/src/selection/deck.ts';
import { Mix } from '../../../packages/workload-engine/src/selection/mix.ts';
import { Random } from '../../../packages/workload-engine/src/selection/random.ts';
import type { MicroCase, Subject } from './case.ts';
import { objectCases } from './pick-objects.ts';

const OBJECTS = 1_000_000;
const WEIGHTS = [60, 25, 10, 5];
/** Operations of each entry in flight at most. */
const LIMITS = [Infinity, 8, 2, Infinity];
const MIN_BYTES = 4096;
const MAX_BYTES = 1_048_576;
/** Requests under way, as a busy worker has them. */
const IN_FLIGHT = 64;
/** Endpoints, and how many of them are out. */
const POOLS = [
  [1, 0],
  [16, 0],
  [16, 4],
  [1024, 0],
  [1024, 256],
] as const;

/**
 * Which operation on which object, beside Math.random; which of a billion objects, beside a thousand; which endpoint, beside one
 * look at the clock.
 */
export function pickCases(): MicroCase[] {
  const clock = lookAtClock();
  const endpoints = SELECTION_STRATEGIES.flatMap((strategy) =>
    POOLS.map(([count, out]) => ({
      ours: endpointChoice(strategy, count, out),
      reference: clock,
    })),
  );
  return [
    { ours: operationChoice(), reference: plainChoice() },
    { ours: limitedMix(), reference: bareDeck() },
    ...objectCases(),
    ...endpoints,
  ];
}

/** A turn of a mix in which two entries are always at their limits, and owed turns. */
function limitedMix(): Subject {
  const mix = new Mix({
    ...{ weights: WEIGHTS, deck: newDeck(), random: new Random(seedOf(4n)) },
    ledger: new EntryLedger(allocateEntryLedger(WEIGHTS.length), LIMITS),
    mayWait: LIMITS.flatMap((limit, entry) => (limit === Infinity ? [] : [entry])),
  });
  const underWay = new Int32Array(IN_FLIGHT).fill(-1);
  let begun = -1;
  const begin = (entry: number): 'begun' => {
    begun = entry;
    return 'begun';
  };
  return {
    name: 'a turn of a mix with limits',
    run: (times) => {
      let sum = 0;
      for (let n = 0; n < times; n++) {
        const slot = n % IN_FLIGHT;
        const ended = underWay[slot] ?? -1;
        if (ended >= 0) mix.ended(ended);
        mix.next(begin);
        underWay[slot] = begun;
        sum += begun;
      }
      return sum;
    },
  };
}

function bareDeck(): Subject {
  const deck = newDeck();
  return {
    name: 'a card of its deck',
    run: (times) => {
      let sum = 0;
      for (let n = 0; n < times; n++) sum += deck.draw();
      return sum;
    },
  };
}

function newDeck(): Deck {
  return new Deck(WEIGHTS, seedOf(3n), new SharedSequence(allocateSequences(1), 0));
}

/** A draw from the mix without replacement, an object, its key and its size. */
function operationChoice(): Subject {
  const random = new Random(seedOf(1n));
  const deck = newDeck();
  const dataset = new Dataset({
    name: 'prepared',
    prefix: 'data/',
    count: OBJECTS,
    sizes: { type: 'uniform', minBytes: MIN_BYTES, maxBytes: MAX_BYTES },
    fill: 'random',
    dedupFactor: 1,
    compressFactor: 1,
    seed: seedOf(2n),
  });
  return {
    name: 'an operation and its object',
    run: (times) => {
      let sum = 0;
      for (let n = 0; n < times; n++) {
        const object = random.below(OBJECTS);
        sum += deck.draw() + dataset.keyOf(object).length + dataset.sizeOf(object);
      }
      return sum;
    },
  };
}

function plainChoice(): Subject {
  const total = WEIGHTS.reduce((sum, weight) => sum + weight, 0);
  return {
    name: 'Math.random, key and size',
    run: (times) => {
      let sum = 0;
      for (let n = 0; n < times; n++) {
        let rest = Math.random() * total;
        let entry = 0;
        while ((rest -= WEIGHTS[entry] ?? Infinity) > 0) entry++;
        const object = Math.floor(Math.random() * OBJECTS);
        const key = `data/prepared-${String(object).padStart(8, '0')}.dat`;
        sum += entry + key.length + MIN_BYTES + Math.floor(Math.random() * MAX_BYTES);
      }
      return sum;
    },
  };
}

/** A choice and its release; `out` endpoints are out meanwhile. */
function endpointChoice(strategy: SelectionStrategy, count: number, out: number): Subject {
  const nowNs = (): number => performance.now() * 1e6;
  const pool = new EndpointPool(new Array<string>(count).fill(''), {
    strategy,
    weights: Array.from({ length: count }, (_, endpoint) => 1 + (endpoint % 7)),
    breaker: { ...DEFAULT_BREAKER, pauseMs: 1e9, longestPauseMs: 1e9 },
    startAt: 0,
    board: allocateEndpointBoard(count),
    counters: new EndpointCounters(allocateEndpointCounters(count)),
    nowNs,
    random: Math.random,
  });
  for (let n = 0; n < out * DEFAULT_BREAKER.failures; n++) {
    pool.release(pool.acquire(n % out), 'failed', 1e6, 0, 0);
  }
  const underWay = Array.from({ length: IN_FLIGHT }, () => pool.acquire());
  const outText = out === 0 ? '' : `, ${String(out)} out`;
  return {
    name: `${strategy}, ${String(count)}${outText}`,
    run: (times) => {
      for (let n = 0; n < times; n++) {
        const slot = n % IN_FLIGHT;
        pool.release(underWay[slot] ?? 0, 'succeeded', 1e6, 4096, 0);
        underWay[slot] = pool.acquire();
      }
      return underWay[0] ?? 0;
    },
  };
}

/** What every operation pays twice, whatever it does; the pools that look at the clock pay it themselves. */
function lookAtClock(): Subject {
  return {
    name: 'performance.now()',
    run: (times) => {
      let sum = 0;
      for (let n = 0; n < times; n++) sum += performance.now();
      return sum;
    },
  };
}
