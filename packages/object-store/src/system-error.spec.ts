import { describe, expect, it } from '@jest/globals';
import { fileError } from './file/file-error.ts';
import { systemErrorMeaning } from './system-error.ts';

describe('systemErrorMeaning()', () => {
  it.each([
    ['EIO', 'server'],
    ['ESTALE', 'server'],
    ['ENOTCONN', 'server'],
    ['EREMOTEIO', 'server'],
    ['EPROTO', 'server'],
    ['ESHUTDOWN', 'server'],
    ['ENODEV', 'server'],
    ['ENXIO', 'server'],
    ['EHOSTDOWN', 'network'],
    ['ENONET', 'network'],
    ['ETIMEDOUT', 'timeout'],
  ])('of %s, by which mounts die, is a failure of the %s', (code, errorClass) => {
    const cause = Object.assign(new Error('failed'), { code });
    expect(systemErrorMeaning(cause)).toMatchObject({
      class: errorClass,
      hint: expect.stringContaining(' '),
    });
    // The same may succeed at another mount of the same file system.
    expect(fileError('GET', '/mnt/x', cause)).toMatchObject({
      code: `FILE_${code}`,
      class: errorClass,
      retryable: true,
    });
  });

  it.each(['EACCES', 'EROFS', 'ENOSPC', 'ENOENT', 'EISDIR'])(
    'of %s is not worth another attempt on files',
    (code) => {
      const cause = Object.assign(new Error('failed'), { code });
      expect(fileError('PUT', '/mnt/x', cause).retryable).toBe(false);
    },
  );

  it('is found in the causes of an error', () => {
    const cause = Object.assign(new Error('failed'), { code: 'EIO' });
    expect(systemErrorMeaning(new Error('outer', { cause }))).toMatchObject({ code: 'EIO' });
    expect(systemErrorMeaning(new Error('outer'))).toBeUndefined();
  });
});
