import { describe, expect, it } from '@jest/globals';
import { environmentWith, takeCredentials } from './credentials.ts';

describe('credentials from a controller', () => {
  it('are taken out of the message that brings them, and do not print', () => {
    const message = { credentials: { AWS_SECRET_ACCESS_KEY: 'hidden-key' } };
    const credentials = takeCredentials(message, true);
    expect(JSON.stringify([message, [...credentials]])).not.toContain('hidden-key');
    expect(environmentWith({}, credentials)).toEqual({ AWS_SECRET_ACCESS_KEY: 'hidden-key' });
  });

  it.each([
    'PATH',
    'NODE_OPTIONS',
    'AWS_CONFIG_FILE',
    'AWS_PROFILE',
    'SAI3BENCH_TOKEN',
    '__proto__',
  ])('may not set %s', (name) => {
    const credentials = Object.fromEntries([[name, 'x']]);
    expect(() => takeCredentials({ credentials }, true)).toThrow(
      expect.objectContaining({ code: 'CREDENTIALS_REFUSED', class: 'permission' }),
    );
  });

  it('are refused when others could read them, and are not kept even then', () => {
    const message = { credentials: { AWS_SECRET_ACCESS_KEY: 'hidden-key' } };
    expect(() => takeCredentials(message, false)).toThrow('were sent to this agent in the clear');
    expect(message.credentials).toEqual({});
    expect(takeCredentials(message, false).size).toBe(0);
  });

  it('replace all that the agent has of its own to say who asks', () => {
    const own = {
      AWS_ACCESS_KEY_ID: 'own',
      AWS_SESSION_TOKEN: 'own',
      AWS_PROFILE: 'own',
      HOME: '/h',
    };
    const message = { credentials: { AWS_ACCESS_KEY_ID: 'new', AWS_SECRET_ACCESS_KEY: 'new' } };
    expect(environmentWith(own, takeCredentials(message, true))).toEqual({
      HOME: '/h',
      AWS_ACCESS_KEY_ID: 'new',
      AWS_SECRET_ACCESS_KEY: 'new',
    });
  });

  it('leave the agent its own when they only say where', () => {
    const message = { credentials: { AWS_REGION: 'eu-west-1' } };
    const own = { AWS_ACCESS_KEY_ID: 'own', AWS_REGION: 'us-east-1' };
    expect(environmentWith(own, takeCredentials(message, true))).toEqual({
      AWS_ACCESS_KEY_ID: 'own',
      AWS_REGION: 'eu-west-1',
    });
  });
});
