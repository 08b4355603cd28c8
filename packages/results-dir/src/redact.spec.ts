import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redact } from './redact.ts';

describe('redact()', () => {
  it.each([
    ['secret_access_key: abc123', 'secret_access_key: ***'],
    ['access_key_id: AKIA7', 'access_key_id: ***'],
    ['private_key: abc', 'private_key: ***'],
    ['Credentials: abc', 'Credentials: ***'],
    ['api-key = xyz', 'api-key = ***'],
    ['# AWS_SECRET_ACCESS_KEY=abc/12+3', '# AWS_SECRET_ACCESS_KEY=***'],
    ['--secret=ab cd', '--secret=***'],
    ['Authorization: Bearer abc.def', 'Authorization: ***'],
    [`-H "Authorization: Basic ab==" -v`, `-H "Authorization: ***" -v`],
    ['- "X-Auth-Token: ab cd"', '- "X-Auth-Token: ***"'],
  ])('hides the secret in %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    ['  password: "hunter2"  # old', '  password: "***"  # old'],
    ['password: "my pass word"', 'password: "***"'],
    ["secret_access_key: 'ab cd'", "secret_access_key: '***'"],
    [String.raw`password: "a\" b"`, 'password: "***"'],
    ["password: 'a'' b'", "password: '***'"],
    ['password: "ab\n  cd"\nother: x', 'password: "***"\nother: x'],
    ['password: !!str "ab cd"', 'password: !!str "***"'],
    [String.raw`{\"token\": \"ab, cd\", \"x\": 1}`, String.raw`{\"token\": \"***\", \"x\": 1}`],
    ['password: ""', 'password: ""'],
  ])('hides up to the closing quote in %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    ['password: "ab cd\nother: x', 'password: ***\nother: x'],
    [`PASSWORD='a'\\''b c'`, `PASSWORD=***`],
  ])('hides the rest of the line when quotes do not match in %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    ['secret: ab#cd', 'secret: ***'],
    ['secret: ab #cd', 'secret: ***'],
    ['secret: ab cd  # old', 'secret: ***  # old'],
    ['secret: ab, cd} ef', 'secret: ***'],
    ['secret: ab\n  cd\nother: x', 'secret: ***\nother: x'],
    ['secret: ab # old\n  # more\nother: x', 'secret: *** # old\n  # more\nother: x'],
    ['secret: # in the environment\nother: x', 'secret: # in the environment\nother: x'],
    ['secret: ab\r\nother: x', 'secret: ***\r\nother: x'],
  ])('hides a plain scalar to its end in %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    ['aws_secret: >\n  ab\n\n  cd\n\nother: x', 'aws_secret: ***\n\nother: x'],
    ['- secret: |-2\n    ab\n  other: x', '- secret: ***\n  other: x'],
    ['# secret: |\n#   ab\n# other: x', '# secret: ***\n# other: x'],
    ['secret:\n  ab\nother: x', 'secret: ***\nother: x'],
    ['credentials:\n  user: u\n  key: k\nother: x', 'credentials: ***\nother: x'],
    ['tokens:\n- ab\n- cd\nother: x', 'tokens: ***\nother: x'],
  ])('hides the lines that belong to a name in %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    ['{secret: x, other: y}', '{secret: ***, other: y}'],
    ['{token: abc, target: s3://b/}', '{token: ***, target: s3://b/}'],
    ['{other: y, secret: a b}', '{other: y, secret: ***}'],
    ['{secret: "a, b", other: y}', '{secret: "***", other: y}'],
    ['{"secret":"a","other":1}', '{"secret":"***","other":1}'],
    ['{credentials: {user: u, key: "}"}, other: y}', '{credentials: ***, other: y}'],
    ['{\n  secret: x,\n  other: y\n}', '{\n  secret: ***,\n  other: y\n}'],
    ['{secret:\n  x, other: y}', '{secret:\n  ***, other: y}'],
  ])('leaves the rest of a collection alone in %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    ['s3://user:pass@host/b/', 's3://***@host/b/'],
    ['s3://u:p/w@host/b/', 's3://***@host/b/'],
    ['s3://u:p@w@host', 's3://***@host'],
    ['https://token@host/', 'https://***@host/'],
    ['s3://token:x@host', 's3://***@host'],
    ['s3://u:p@a/,s3://v:q@b/', 's3://***@a/,s3://***@b/'],
    ['http://h/b?X-Amz-Signature=ab12&x=1', 'http://h/b?X-Amz-Signature=***&x=1'],
    ['http://h/b?X-Amz-Security-Token=ab12&x=1', 'http://h/b?X-Amz-Security-Token=***&x=1'],
    ['"http://h/b?sig=ab12"', '"http://h/b?sig=***"'],
  ])('hides the credentials in the address %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    'target: s3://bucket/path/\nworkload:\n  - {op: get, path: "data/*", weight: 1}  # keys\n',
    'target: file:///secret/tokens/\nprefix: password-lists/\nkey: value\n',
    's3://secret:9000/b/, http://127.0.0.1:9000/b/mail@example',
    'GET b/k failed (InvalidToken, HTTP 400): InvalidToken: the token is not valid',
    'ℹ [AUTH] login: credentials found in AWS_ACCESS_KEY_ID in the environment; they expire at 2026-02-03T05:00:00.000Z',
    '✗ [AUTH] login: no credentials were found',
    'the secret key is wrong: check AWS_SECRET_ACCESS_KEY and the time',
  ])('leaves %j as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('leaves every text without a name for secrets and without an address as it is', () => {
    const line = fc.stringMatching(/^ {0,4}(?:- )?[a-z_]{1,8}: ["'{[]?[ -~]{0,20}$/);
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join('\n');
        fc.pre(!/secret|passw|passphrase|token|credential|authori|[_-]?key|:\/\/|sig=/i.test(text));
        expect(redact(text)).toBe(text);
      }),
    );
  });

  it('lets no secret through, whatever its name, its quotes and what is around it', () => {
    fc.assert(
      fc.property(NAME, SECRET, FORM, fc.constantFrom(...PLACES), (name, secret, form, place) => {
        const assignment = form(name, secret);
        fc.pre(assignment !== undefined);
        const [head, indent, tail] = place;
        const lines = assignment.replaceAll('\n', `\n${indent}`);
        const redacted = redact(`${head}${lines}${tail}`);
        expect(redacted).not.toContain(secret.slice(0, 12));
        expect(redacted).not.toContain(secret.slice(-12));
        expect(redacted.startsWith(head)).toBe(true);
        expect(redacted.endsWith(tail)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('lets no password through in an address', () => {
    fc.assert(
      fc.property(SECRET, (secret) => {
        fc.pre(!/\s|:\/\//.test(secret));
        const redacted = redact(`target: s3://user:${secret}@host/bucket/  # mine`);
        expect(redacted).toBe('target: s3://***@host/bucket/  # mine');
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Names of secrets in the manners of YAML, environments, JSON, command lines and headers. */
const NAME = fc
  .tuple(
    fc.constantFrom('', 'aws_', 'my-', 'fs.s3a.', '--'),
    fc.constantFrom(
      ...['secret', 'secret_key', 'password', 'passwd', 'passphrase', 'token', 'session_token'],
      ...['private_key', 'api_key', 'apiKey', 'access_key', 'secretAccessKey', 'authorization'],
      ...['credential', 'credentials'],
    ),
    fc.boolean(),
  )
  .map(([prefix, name, loud]) => (loud ? `${prefix}${name}`.toUpperCase() : `${prefix}${name}`));

/** Printable text that is long enough not to appear by chance. */
const SECRET = fc.stringMatching(/^[A-Za-z/+][ -~]{14,30}[A-Za-z/+=]$/);

type Form = (name: string, secret: string) => string | undefined;

const isPlain = (secret: string): boolean => !/: | #/.test(secret);
const FORM = fc.constantFrom<Form[]>(
  (name, secret) => `${name}: ${JSON.stringify(secret)}`,
  (name, secret) => `${name}: '${secret.replaceAll("'", "''")}'`,
  (name, secret) => (isPlain(secret) ? `${name}: ${secret}` : undefined),
  (name, secret) => (isPlain(secret) ? `${name}: ${secret}  # a comment` : undefined),
  (name, secret) => `${name}: |\n      ${secret}\n\n      ${secret}`,
  (name, secret) => `${name}: >-\n      ${secret}`,
  (name, secret) => `${name}:\n      ${secret}`,
  (name, secret) => `"${name}": ${JSON.stringify(secret)}`,
  (name, secret) => `{"x":1,${JSON.stringify(name)}:${JSON.stringify(secret)},"other":"y"}`,
  (name, secret) => `{x: 1, ${name}: '${secret.replaceAll("'", "''")}', other: y}`,
  (name, secret) =>
    isPlain(secret) && !/[,{}[\]]/.test(secret) ? `{${name}: ${secret}, other: y}` : undefined,
  (name, secret) => `"${name}: ${JSON.stringify(secret).slice(1)}`,
  (name, secret) => `${name}=${secret}`,
  (name, secret) => `${name} = ${JSON.stringify(secret)}`,
  (name, secret) => `export ${name}='${secret.replaceAll("'", String.raw`'\''`)}'`,
);

/** What may stand before an assignment in a file, before its further lines, and behind it. */
const PLACES = [
  ['', '', ''],
  ['a: b\n', '', '\nc: d\n'],
  ['list:\n  - ', '    ', '\n    c: d\n'],
  ['# ', '# ', '\n# c: d\n'],
  ['a:\n    b: [x, y]\n    ', '    ', '\n    c: {d: e}\n'],
] as const;
