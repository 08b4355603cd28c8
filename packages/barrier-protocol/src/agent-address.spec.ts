import { expect, it } from '@jest/globals';
import { isLoopbackHost } from './agent-address.ts';

it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('%s stays on its host', (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});

it.each(['0.0.0.0', '::', '10.0.0.1', '127.example.com', 'localhost.example.com', ''])(
  '%j may be reached from elsewhere',
  (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  },
);
