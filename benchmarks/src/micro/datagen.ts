import {
  type Content,
  contentOf,
  ContentVerifier,
  PayloadGenerator,
  seedOf,
} from '@sai3bench/datagen';
import type { MicroCase, Subject } from './case.ts';

const PIECE_BYTES = 64 * 1024;
const OBJECT_BYTES = 2 ** 30;
const PIECES = OBJECT_BYTES / PIECE_BYTES;
const object = { index: 7, sizeBytes: OBJECT_BYTES };
const KINDS: readonly (readonly [string, Content])[] = [
  ['random', content({})],
  ['zero', content({ fill: 'zero' })],
  ['dedup_factor 4', content({ dedupFactor: 4 })],
  ['compress_factor 4', content({ compressFactor: 4 })],
];

/** Making and checking data in pieces of 64 KiB, beside copying as much from one buffer to another. */
export function datagenCases(): MicroCase[] {
  const poolSeed = seedOf(1n);
  const generator = new PayloadGenerator(poolSeed, 2 * PIECE_BYTES);
  const verifier = new ContentVerifier(poolSeed);
  const target = generator.allocate(PIECE_BYTES);
  const source = Buffer.alloc(PIECE_BYTES, 7);
  const copy: Subject = {
    name: 'memcpy',
    run: (times) => {
      for (let n = 0; n < times; n++) target.set(source);
      return target[0] ?? 0;
    },
  };
  const bytes = PIECE_BYTES;
  const made = KINDS.map(([name, each]) => ({
    bytes,
    ours: {
      name: `make ${name}`,
      run: (times: number) => {
        for (let n = 0; n < times; n++) {
          generator.fill(target, each, object, (n % PIECES) * PIECE_BYTES, PIECE_BYTES);
        }
        return target[0] ?? 0;
      },
    },
    reference: copy,
  }));
  const checked = KINDS.map(([name, each]) => {
    const piece = Buffer.alloc(PIECE_BYTES);
    generator.fill(target, each, object, 0, PIECE_BYTES);
    piece.set(target);
    return {
      bytes,
      ours: {
        name: `check ${name}`,
        run: (times: number) => {
          for (let n = 0; n < times; n++) {
            if (verifier.firstDifference(piece, each, object, 0) >= 0) throw new Error('differs');
          }
          return times;
        },
      },
      reference: copy,
    };
  });
  return [...made, ...checked];
}

function content(kind: Partial<Pick<Content, 'fill' | 'dedupFactor' | 'compressFactor'>>): Content {
  const sizes = { type: 'fixed', sizeBytes: OBJECT_BYTES } as const;
  const spec = { fill: 'random', dedupFactor: 1, compressFactor: 1, ...kind, sizes } as const;
  return contentOf(seedOf(2n), spec, seedOf(3n));
}
