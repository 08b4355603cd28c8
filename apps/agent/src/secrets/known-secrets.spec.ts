import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { type RunResponse, RunResponseSchema } from '@sai3bench/barrier-protocol';
import { Secret } from '@sai3bench/secret';
import fc from 'fast-check';
import { KnownSecrets, secretsOfEnvironment } from './known-secrets.ts';

const KEY = 'wJalrXUtnFEMI/K7MDENG';

/** A message as its controller would get it. */
function sent(event: RunResponse['event']): RunResponse {
  return fromBinary(
    RunResponseSchema,
    toBinary(RunResponseSchema, create(RunResponseSchema, { event })),
  );
}

function failure(message: string, causes: readonly string[] = []): RunResponse['event'] {
  const error = {
    $typeName: 'sai3bench.agent.v1.ErrorDetail',
    ...{ code: 'S3_AccessDenied', errorClass: 'auth', hint: '', endpoint: '', key: '' },
    ...{ message, causes: [...causes], attempts: 1, retryable: false },
  } as const;
  return { case: 'runFailed', value: { $typeName: 'sai3bench.agent.v1.RunFailed', error } };
}

function knowing(...texts: readonly string[]): KnownSecrets {
  const secrets = new KnownSecrets();
  secrets.conceal(texts.map((text) => new Secret(text)));
  return secrets;
}

describe('the secrets that an agent knows', () => {
  it('are in no part of what it sends', () => {
    const event = knowing(KEY).maskMessage(failure(`no access for ${KEY}`, [`key=${KEY}`]));
    expect(sent(event)).toEqual(sent(failure('no access for ***', ['key=***'])));
  });

  it('change nothing of messages that they are not in', () => {
    const events: RunResponse['event'][] = [
      failure('no access'),
      {
        case: 'states',
        value: {
          $typeName: 'sai3bench.agent.v1.States',
          ...{ request: 7, states: new Uint8Array([1, 2, 3]), doubtful: ['a'], madeSince: '' },
        },
      },
      { case: undefined },
    ];
    for (const event of events) expect(sent(knowing(KEY).maskMessage(event))).toEqual(sent(event));
  });

  it('do not change what tells messages apart', () => {
    const event = knowing('runFailed', 'sai3bench').maskMessage(failure('no access'));
    expect(sent(event)).toEqual(sent(failure('no access')));
  });

  it('leave a message that is masked as it was', () => {
    const event = failure(`no access for ${KEY}`);
    knowing(KEY).maskMessage(event);
    expect(event).toEqual(failure(`no access for ${KEY}`));
  });

  it('are not left in any message, whatever is around them', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (causes, before) => {
        const event = failure(`${before}${KEY}`, [...causes, `${before}${KEY}${before}`]);
        return !JSON.stringify(knowing(KEY).maskMessage(event)).includes(KEY);
      }),
    );
  });

  it('may be told again once they are revealed', () => {
    const secrets = new KnownSecrets();
    const reveal = secrets.conceal([new Secret(KEY)]);
    expect(secrets.maskText(KEY)).toBe('***');
    reveal();
    expect(secrets.maskText(KEY)).toBe(KEY);
  });

  it('are those of its own environment, but not who it is and where', () => {
    const secrets = secretsOfEnvironment({
      ...{ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c' },
      ...{ AWS_REGION: 'd', AWS_CONTAINER_AUTHORIZATION_TOKEN: 'e', HOME: 'f' },
    });
    expect(secrets.map((secret) => secret.expose())).toEqual(['b', 'c', 'e']);
  });
});
