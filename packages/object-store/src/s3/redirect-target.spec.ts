import { describe, expect, it } from '@jest/globals';
import { redirectTarget } from './redirect-target.ts';

const PLAIN = { secure: false, hostname: 's3.example.com', port: 80 };
const SECURE = { ...PLAIN, secure: true, port: 443 };
const DOMAIN = 's3.example.com';

describe('redirectTarget()', () => {
  it('follows to the same host, another port, and hosts below the domain', () => {
    for (const host of ['s3.example.com', 's3.example.com:9000', 'node-1.s3.example.com']) {
      expect(redirectTarget(PLAIN, DOMAIN, `http://${host}/bucket/key`)).toMatchObject({ host });
    }
  });

  it('follows from http to https, never back', () => {
    expect(redirectTarget(PLAIN, DOMAIN, 'https://s3.example.com/k')).toMatchObject({
      secure: true,
      port: 443,
    });
    expect(redirectTarget(SECURE, DOMAIN, 'http://s3.example.com/k')).toBeUndefined();
  });

  it.each([
    'http://evil.com/bucket/key',
    'http://s3.example.com.evil.com/key',
    'http://evils3.example.com/key',
    'http://example.com/key',
    'http://s3.example.com@evil.com/key',
    'http://user:password@s3.example.com/key',
    'ftp://s3.example.com/key',
    'file:///etc/passwd',
    '/bucket/key',
    'http://',
    'http://s3.example.com/%ff',
  ])('does not follow to %s', (location) => {
    expect(redirectTarget(PLAIN, DOMAIN, location)).toBeUndefined();
  });

  it('knows no names below a number', () => {
    const from = { secure: false, hostname: '10.0.0.1', port: 80 };
    expect(redirectTarget(from, '10.0.0.1', 'http://10.0.0.1:81/k')).toMatchObject({ port: 81 });
    expect(redirectTarget(from, '10.0.0.1', 'http://10.0.0.2/k')).toBeUndefined();
  });

  it('takes path and query in the form in which they are signed', () => {
    expect(
      redirectTarget(PLAIN, DOMAIN, "http://s3.example.com/bucket/a%20b'%2B?z=1&a=%2F"),
    ).toMatchObject({ path: '/bucket/a%20b%27%2B', query: 'a=%2F&z=1' });
  });
});
