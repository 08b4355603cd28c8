import { describe, expect, it } from '@jest/globals';
import { reportCredentials } from './check-s3.ts';
import { Checklist } from './checklist.ts';
import type { Finding } from './finding.ts';

const NOW_MS = Date.parse('2026-02-03T04:00:00Z');
const HOUR_MS = 3_600_000;

async function findingOf(expiration: Date | undefined): Promise<Finding | undefined> {
  let found: Finding | undefined;
  const checks = new Checklist('', {
    onChecking: () => undefined,
    onFinding: (finding) => {
      found = finding;
    },
    signal: new AbortController().signal,
  });
  await checks.attempt('login', () => {
    reportCredentials({ source: 'a file', expiration }, NOW_MS, checks);
  });
  return found;
}

describe('the expiry of credentials', () => {
  it('is none where they do not expire', async () => {
    expect(await findingOf(undefined)).toMatchObject({
      level: 'info',
      message: 'credentials found in a file',
    });
  });

  it('is told where they last for long', async () => {
    expect(await findingOf(new Date(NOW_MS + HOUR_MS))).toMatchObject({
      level: 'info',
      message: 'credentials found in a file; they expire at 2026-02-03T05:00:00.000Z',
    });
  });

  it('is a warning where they may not last for the run', async () => {
    expect(await findingOf(new Date(NOW_MS + HOUR_MS - 60_000))).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('in 59m'),
    });
  });

  it('is an error where it has come', async () => {
    expect(await findingOf(new Date(NOW_MS))).toMatchObject({
      level: 'error',
      class: 'AUTH',
      message: expect.stringContaining('they have expired'),
    });
  });
});
