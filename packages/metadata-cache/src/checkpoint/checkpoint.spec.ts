import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type TemporaryDirectory, temporaryDirectory } from '@sai3bench/testing';
import { encodeStates } from '../snapshot/state-codec.ts';
import { EncodedSource, restoreStates } from '../snapshot/state-source.ts';
import { OBJECT_STATES } from '../states/object-state.ts';
import { ObjectStates } from '../states/object-states.ts';
import { allocateObjectStates } from '../states/state-memory.ts';
import { PART_OBJECTS } from './manifest.ts';
import { readCheckpoint } from './read-checkpoint.ts';
import { decodeTarHeader, encodeTarHeader } from './ustar.ts';
import { writeCheckpoint } from './write-checkpoint.ts';

const COUNT = PART_OBJECTS + 70_000;
const RANGE = { begin: 500, end: 500 + COUNT, generation: 3, sequence: 8 };

function make(count: number): ObjectStates {
  return new ObjectStates(allocateObjectStates(count), count);
}

function mixed(): ObjectStates {
  const states = make(COUNT);
  states.fill(0, COUNT, 'created');
  for (let index = 0; index < COUNT; index += 997) {
    states.set(index, OBJECT_STATES[index % OBJECT_STATES.length] ?? 'failed');
  }
  return states;
}

/** Writes a checkpoint of two pools; returns its path. */
async function write(directory: TemporaryDirectory, states = mixed()): Promise<string> {
  const path = join(directory.path, 'checkpoint.tar.zst');
  await writeCheckpoint(path, {
    agent: 'agent-1',
    bootId: 'boot',
    createdAt: new Date(1_000),
    pools: [
      { identity: 'a', range: RANGE, states, madeSince: '1970-01-01T00:00:00.500Z' },
      { identity: 'b', range: { ...RANGE, end: 500 }, states: make(0) },
    ],
  });
  return path;
}

async function codeOf(path: string): Promise<string | undefined> {
  return readCheckpoint(path).then(
    () => undefined,
    (error: unknown) => (error as { code: string }).code,
  );
}

describe('a checkpoint', () => {
  it('restores what was written, and says what that is', async () => {
    using directory = temporaryDirectory();
    const states = mixed();
    const { manifest, sources } = await readCheckpoint(await write(directory, states));
    expect(manifest).toMatchObject({
      agent: 'agent-1',
      bootId: 'boot',
      createdAt: '1970-01-01T00:00:01.000Z',
      pools: [
        {
          ...{ identity: 'a', range: RANGE, counts: states.counts() },
          madeSince: '1970-01-01T00:00:00.500Z',
        },
        { identity: 'b' },
      ],
    });
    const found = make(COUNT);
    await restoreStates(found, RANGE.begin, sources('a'));
    expect(encodeStates(found)).toEqual(encodeStates(states));
    expect(sources('c')).toEqual([]);
  });

  it('restores a part of its range where it is the newest', async () => {
    using directory = temporaryDirectory();
    const { sources } = await readCheckpoint(await write(directory));
    const newer = make(1_000);
    newer.fill(0, 1_000, 'deleted');
    const begin = PART_OBJECTS - 2_000;
    const found = make(5_000);
    const others = new EncodedSource(
      { begin: begin + 100, end: begin + 1_100, generation: 4, sequence: 0 },
      encodeStates(newer),
    );
    await restoreStates(found, begin, [...sources('a'), others]);
    const states = mixed();
    for (let index = 0; index < 5_000; index += 7) {
      const isNewer = index >= 100 && index < 1_100;
      const expected = isNewer ? 'deleted' : states.get(begin + index - RANGE.begin);
      expect(found.get(index)).toBe(expected);
    }
  });

  it('is a tar archive that tar reads', async () => {
    using directory = temporaryDirectory();
    const path = await write(directory);
    const plain = join(directory.path, 'plain.tar');
    writeFileSync(plain, zstdDecompressSync(readFileSync(path)));
    expect(execFileSync('tar', ['-tf', plain], { encoding: 'utf8' }).split('\n')).toEqual([
      'pool-0/part-000000.states',
      'pool-0/part-000001.states',
      'manifest.json',
      '',
    ]);
  });

  it('leaves nothing when it is given up', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'checkpoint.tar.zst');
    const pools = [{ identity: 'a', range: RANGE, states: mixed() }];
    const content = { agent: 'agent-1', bootId: 'boot', createdAt: new Date(0), pools };
    await expect(writeCheckpoint(path, content, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('that was cut off anywhere is refused', async () => {
    using directory = temporaryDirectory();
    const path = await write(directory);
    const whole = readFileSync(path);
    for (const size of [0, 3, 100, whole.length >> 1, whole.length - 16]) {
      writeFileSync(path, whole);
      truncateSync(path, size);
      expect(await codeOf(path)).toBe('CHECKPOINT_TRUNCATED');
    }
  });

  it('in which any byte has changed is refused, unless that says nothing', async () => {
    using directory = temporaryDirectory();
    const path = await write(directory);
    const whole = readFileSync(path);
    const byte = fc.nat(whole.length - 1);
    const original = await readCheckpoint(path);
    const expected = mixed().counts();
    await fc.assert(
      fc.asyncProperty(byte, fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ change;
        writeFileSync(path, changed);
        const code = await codeOf(path);
        if (code !== undefined) {
          // The number of the version is one of the bytes.
          expect(code).toMatch(/^CHECKPOINT_(FOREIGN|DAMAGED|TRUNCATED|VERSION)$/);
          return;
        }
        const { manifest, sources } = await readCheckpoint(path);
        expect(manifest).toEqual(original.manifest);
        const found = make(COUNT);
        await restoreStates(found, RANGE.begin, sources('a'));
        expect(found.counts()).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['plain text', 'CHECKPOINT_FOREIGN', () => Buffer.from('hello '.repeat(500))],
    ['compressed text', 'CHECKPOINT_FOREIGN', () => zstdCompressSync(Buffer.alloc(2_000, 'x'))],
    ['an archive of others', 'CHECKPOINT_FOREIGN', () => archiveOf('notes.txt', 'hello')],
    [
      'a manifest of others',
      'CHECKPOINT_FOREIGN',
      () => archiveOf('manifest.json', '{"format": "docker"}'),
    ],
    [
      'a later version',
      'CHECKPOINT_VERSION',
      () => archiveOf('manifest.json', '{"format": "sai3bench-checkpoint", "version": 2}'),
    ],
    [
      'a manifest with no ranges',
      'CHECKPOINT_DAMAGED',
      () => archiveOf('manifest.json', '{"format": "sai3bench-checkpoint", "version": 1}'),
    ],
  ])('that is %s is refused as %s', async (_, code, bytes) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'checkpoint.tar.zst');
    writeFileSync(path, bytes());
    expect(await codeOf(path)).toBe(code);
  });

  it('that is not there is said to be unreadable', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'missing.tar.zst');
    expect(await codeOf(path)).toBe('CHECKPOINT_UNREADABLE');
    expect(existsSync(path)).toBe(false);
  });
});

function archiveOf(name: string, text: string): Buffer {
  const content = Buffer.alloc(512);
  content.write(text);
  const header = encodeTarHeader({ name, sizeBytes: text.length }, 0);
  return zstdCompressSync(Buffer.concat([header, content, Buffer.alloc(1_024)]));
}

describe('decodeTarHeader()', () => {
  it('reads what encodeTarHeader() writes, and refuses it with any byte changed', () => {
    const member = { name: 'pool-0/part-000000.states', sizeBytes: 1_234_567 };
    const header = encodeTarHeader(member, 1_700_000_000);
    expect(decodeTarHeader(header)).toEqual(member);
    fc.assert(
      fc.property(fc.nat(511), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = header.slice();
        changed[at] = (changed[at] ?? 0) ^ change;
        const decoded = decodeTarHeader(changed);
        // Only what surrounds the digits of the sum itself may differ.
        if (at < 148 || at >= 156) expect(decoded).toBeUndefined();
      }),
    );
  });
});
