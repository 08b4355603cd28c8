import { describe, expect, it } from '@jest/globals';
import { type DirectoryCalls, makeDirectories } from './make-directories.ts';

/** A file system that has some directories, and makes others unless they are below one that takes none. */
function fileSystem(there: readonly string[], takesNone?: string) {
  const directories = new Set(there);
  const tried: string[] = [];
  const fail = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const mkdir = (path: string): void => {
    tried.push(path);
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (directories.has(path)) fail('EEXIST');
    if (!directories.has(parent) || parent === takesNone) fail('ENOENT');
    directories.add(path);
  };
  const stat = (path: string) => ({ isDirectory: () => path !== '/a/file' });
  return { directories, tried, calls: { mkdir, stat } };
}

/** Calls of which none succeeds. */
function failing(code: string, tried = new Set<string>()): DirectoryCalls {
  const mkdir = (path: string): never => {
    tried.add(path);
    throw Object.assign(new Error(code), { code });
  };
  return { mkdir, stat: () => ({ isDirectory: () => true }) };
}

describe('makeDirectories()', () => {
  it('makes a directory by a single call where its parent is there', () => {
    const { calls, tried } = fileSystem(['/a']);
    makeDirectories('/a/b', calls);
    expect(tried).toEqual(['/a/b']);
  });

  it('makes all that are missing, from the top', () => {
    const { directories, calls } = fileSystem(['/a']);
    makeDirectories('/a/b/c/d', calls);
    expect([...directories]).toEqual(['/a', '/a/b', '/a/b/c', '/a/b/c/d']);
  });

  it('is content with a directory that is there', () => {
    const { directories, calls } = fileSystem(['/a', '/a/b']);
    makeDirectories('/a/b', calls);
    expect(directories.size).toBe(2);
  });

  it('is not content with a file of that name', () => {
    const { calls } = fileSystem(['/a', '/a/file']);
    expect(() => {
      makeDirectories('/a/file', calls);
    }).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  });

  it('goes up by whole parts, however many slashes are between them', () => {
    const tried = new Set<string>();
    expect(() => {
      makeDirectories('a//b/', failing('ENOENT', tried));
    }).toThrow();
    expect([...tried]).toEqual(['a//b/', 'a']);
  });

  it.each(['/proc/x', '/proc/x/y/z'])(
    'gives up %s where the system has none of its name in a directory that is there',
    (path) => {
      const { calls } = fileSystem(['/proc'], '/proc');
      expect(() => {
        makeDirectories(path, calls);
      }).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    },
  );

  it.each(['/', 'x', '//'])('gives up %s, which has no parent', (path) => {
    expect(() => {
      makeDirectories(path, failing('ENOENT'));
    }).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  it('tells any other error as it is', () => {
    expect(() => {
      makeDirectories('/a/b', failing('EACCES'));
    }).toThrow(expect.objectContaining({ code: 'EACCES' }));
  });

  it('goes on when somebody removes a parent that it has made', () => {
    const { directories, calls } = fileSystem(['/a']);
    let removed = false;
    const mkdir = (path: string): void => {
      if (path === '/a/b/c' && directories.has('/a/b') && !removed) {
        directories.delete('/a/b');
        removed = true;
      }
      calls.mkdir(path);
    };
    makeDirectories('/a/b/c', { ...calls, mkdir });
    expect(directories.has('/a/b/c')).toBe(true);
  });
});
