import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { setEnvironment } from '../testing/environment.ts';
import { credentialFacts } from './credential-facts.ts';

const SECRETS = /TELLTALE/;

describe('credentialFacts()', () => {
  let directory: TemporaryDirectory;
  let restore: () => void = () => undefined;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => {
    restore();
    directory.remove();
  });

  it('names the environment, and nothing of what is in it', async () => {
    const facts = await credentialFacts({
      AWS_ACCESS_KEY_ID: 'TELLTALE-id',
      AWS_SECRET_ACCESS_KEY: 'TELLTALE-secret',
      AWS_SESSION_TOKEN: 'TELLTALE-token',
    });
    expect(facts).toEqual({
      source: 'AWS_ACCESS_KEY_ID in the environment',
      expiration: undefined,
    });
    expect(JSON.stringify(facts)).not.toMatch(SECRETS);
  });

  it('names the files of a profile', async () => {
    const env = profileEnvironment(`[bench]
aws_access_key_id = TELLTALE-id
aws_secret_access_key = TELLTALE-secret
`);
    const facts = await credentialFacts(env);
    expect(facts.source).toBe('the files of AWS profiles');
    expect(JSON.stringify(facts)).not.toMatch(SECRETS);
  });

  it('says when they expire, where they do', async () => {
    const answer = JSON.stringify({
      ...{ Version: 1, AccessKeyId: 'id', SecretAccessKey: 'secret', SessionToken: 'token' },
      Expiration: '2999-01-01T00:00:00Z',
    });
    const script = join(directory.path, 'credentials.json');
    writeFileSync(script, answer);
    const facts = await credentialFacts(
      profileEnvironment(`[bench]\ncredential_process = cat ${script}\n`),
    );
    expect(facts).toEqual({
      source: 'the program that a profile names',
      expiration: new Date('2999-01-01T00:00:00Z'),
    });
  });

  function profileEnvironment(credentials: string): Record<string, string> {
    const file = join(directory.path, 'credentials');
    writeFileSync(file, credentials);
    const env = {
      AWS_PROFILE: 'bench',
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_CONFIG_FILE: '/nonexistent',
      AWS_REGION: 'us-east-1',
    };
    restore = setEnvironment(env);
    return env;
  }
});
