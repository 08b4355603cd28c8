import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { liesIn, pathDanger } from './path-safety.ts';

const part = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
const path = fc.array(part, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);

describe('pathDanger()', () => {
  it.each(['/', '/etc', '/etc/', '/etc/x', '//etc//x/', '/usr/local/x', '/proc/1', '/root/x'])(
    'refuses %s',
    (each) => {
      expect(pathDanger(each)).toMatchObject({ level: 'error' });
    },
  );

  it.each(['/etcetera', '/etc2/x', '/usr2', '/rooted/x', '/libs', '/mnt/etc/x', '/home/usr'])(
    'has nothing against %s',
    (each) => {
      expect(pathDanger(each)).toBeUndefined();
    },
  );

  it.each(['/var/lib/x', '/var/log', '/dev/sda', '/run/x'])('warns of %s', (each) => {
    expect(pathDanger(each)).toMatchObject({ level: 'warning' });
  });

  it.each(['/var/library', '/dev/shm/x', '/device/x', '/var/x'])('does not warn of %s', (each) => {
    expect(pathDanger(each)).toBeUndefined();
  });
});

describe('liesIn()', () => {
  it('is true of a directory itself and of everything below it', () => {
    fc.assert(
      fc.property(path, path, (directory, below) => {
        expect(liesIn(directory, directory)).toBe(true);
        expect(liesIn(directory + below, directory)).toBe(true);
      }),
    );
  });

  it('is false of a neighbour whose name begins alike', () => {
    fc.assert(
      fc.property(path, part, part, (above, name, more) => {
        expect(liesIn(`${above}/${name}${more}/x`, `${above}/${name}`)).toBe(false);
      }),
    );
  });
});
