import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { resolveS3Region } from './s3-region.ts';

const nothing = (): Promise<undefined> => Promise.resolve(undefined);
const ofProfile = (): Promise<string> => Promise.resolve('eu-central-1');

describe('resolveS3Region()', () => {
  it.each([
    [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-1'],
    [{ AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
    [{ AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
  ])('takes the environment %j before a profile', async (env, region) => {
    expect(await resolveS3Region(env, ofProfile)).toBe(region);
  });

  it('takes the region of a profile when the environment has none', async () => {
    expect(await resolveS3Region({}, ofProfile)).toBe('eu-central-1');
  });

  it('is us-east-1 when nothing is configured', async () => {
    expect(await resolveS3Region({}, nothing)).toBe('us-east-1');
  });
});

describe('resolveS3Region() with the files of the SDK', () => {
  const names = ['AWS_REGION', 'AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];
  const before = names.map((name) => process.env[name]);
  let directory: TemporaryDirectory;

  beforeEach(() => {
    directory = temporaryDirectory();
    delete process.env['AWS_REGION'];
    process.env['AWS_PROFILE'] = 'bench';
    process.env['AWS_CONFIG_FILE'] = join(directory.path, 'config');
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(directory.path, 'credentials');
  });
  afterEach(() => {
    directory.remove();
    for (const [index, name] of names.entries()) {
      const value = before[index];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });

  it('finds the region of the profile that is in use', async () => {
    writeFileSync(
      join(directory.path, 'config'),
      '[default]\nregion = sa-east-1\n[profile bench]\nregion = ap-south-1\n',
    );
    expect(await resolveS3Region({})).toBe('ap-south-1');
  });

  it('falls back when there is no such file', async () => {
    expect(await resolveS3Region({})).toBe('us-east-1');
  });
});
