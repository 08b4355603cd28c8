import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { golden } from './transcript.ts';

describe('a golden transcript', () => {
  const update = process.env['UPDATE_GOLDEN'];
  beforeEach(() => {
    delete process.env['UPDATE_GOLDEN'];
  });
  afterEach(() => {
    if (update !== undefined) process.env['UPDATE_GOLDEN'] = update;
  });

  it('that is not kept is a failure, now and the next time', () => {
    for (const attempt of ['first', 'second']) {
      expect(() => golden('no-such-transcript', attempt)).toThrow('ENOENT');
    }
  });
});
