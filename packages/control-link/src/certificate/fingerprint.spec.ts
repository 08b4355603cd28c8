import { describe, expect, it } from '@jest/globals';
import { parseFingerprints } from './fingerprint.ts';

const HEX = '0123456789abcdef'.repeat(4);
const PRINTED = (HEX.toUpperCase().match(/../g) ?? []).join(':');

describe('parseFingerprints()', () => {
  it.each([HEX, PRINTED, ` sha256:${HEX} `, `SHA-256=${PRINTED}`])('understands %s', (text) => {
    expect(parseFingerprints(text)).toEqual([PRINTED]);
  });

  it('takes several, one for each agent', () => {
    expect(parseFingerprints(`${HEX},${PRINTED}`)).toEqual([PRINTED, PRINTED]);
  });

  it.each(['', 'abc', HEX.slice(1), `${HEX}0`, `${HEX},`])('refuses %j', (text) => {
    expect(() => parseFingerprints(text)).toThrow(
      expect.objectContaining({ code: 'FINGERPRINT_INVALID' }),
    );
  });
});
