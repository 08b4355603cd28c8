import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import { parseArgs } from 'node:util';
import { EXIT_CODES, type ExitCode, formatError } from '@sai3bench/errors';
import type { FaultRule } from './faults/fault-rules.ts';
import { parseFaultRule } from './faults/parse-fault-rule.ts';
import { startS3TestServer } from './server/start-server.ts';

/** What the program needs of its process. */
export interface ProgramIo {
  write(text: string): void;
  writeError(text: string): void;
  /** Resolves when the program is to end. */
  readonly stopRequested: Promise<ExitCode>;
}

const USAGE = `Usage: sai3bench-s3-test-server [options]

An S3 server for tests and demos. Objects live in memory, and are gone when it ends.

  --host ADDRESS       address to listen on (127.0.0.1)
  --port PORT          port to listen on; 0 for any that is free (9000)
  --bucket NAME        a bucket to begin with; may be given several times
  --region REGION      the region to be in (us-east-1)
  --access-key ID      the access key that is accepted (SAI3BENCHTEST)
  --secret-key SECRET  its secret (sai3bench-test-secret)
  --session-token T    a token that requests must carry as well
  --anonymous          look at no signature
  --tls-cert FILE      serve https with this certificate and the key of --tls-key
  --tls-key FILE
  --fault JSON         misbehave: {"match": {"operation": "GetObject", "every": 10},
                       "fault": {"kind": "latency", "ms": 50}}; may be given several times
  --seed N             decides which requests chance strikes (1)
  --lengths-only       keep lengths, not bodies: a GET serves zeros
  --help               print this
`;

/** Runs the server until it is told to stop. */
export async function runProgram(argv: readonly string[], io: ProgramIo): Promise<ExitCode> {
  const values = parseOptions(argv, io);
  if (values === undefined) return EXIT_CODES.usage;
  if (values.help === true) {
    io.write(USAGE);
    return EXIT_CODES.ok;
  }
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    io.writeError(`--port ${values.port} is no port\n`);
    return EXIT_CODES.usage;
  }
  const settings = readSettings(values, io);
  if (settings === undefined) return EXIT_CODES.usage;
  try {
    const { bucket: buckets, host, region, 'session-token': sessionToken } = values;
    const { rules, seed, tls } = settings;
    const server = await startS3TestServer({
      host,
      port,
      region,
      buckets,
      credentials: [
        {
          accessKeyId: values['access-key'],
          secretAccessKey: values['secret-key'],
          ...(sessionToken === undefined ? {} : { sessionToken }),
        },
      ],
      anonymous: values.anonymous,
      keepBodies: !values['lengths-only'],
      seed,
      ...(tls === undefined ? {} : { tls }),
    });
    for (const rule of rules) server.faults.add(rule);
    io.write(`S3 test server listening on ${server.url}, buckets: ${buckets.join(', ')}\n`);
    for (const [name, value] of Object.entries(server.env)) io.write(`export ${name}=${value}\n`);
    const exitCode = await io.stopRequested;
    await server.stop();
    return exitCode;
  } catch (error) {
    io.writeError(`${formatError(error)}\n`);
    return EXIT_CODES.runFailed;
  }
}

/** What has to be read before the server can start. */
interface Settings {
  readonly rules: readonly FaultRule[];
  readonly seed: number;
  readonly tls: TlsOptions | undefined;
}

type Options = NonNullable<ReturnType<typeof parseOptions>>;

function readSettings(values: Options, io: ProgramIo): Settings | undefined {
  const { fault: rules, seed, 'tls-cert': cert, 'tls-key': key } = values;
  if (!/^\d{1,9}$/.test(seed)) {
    io.writeError(`--seed ${seed} is no number from 0 to 999999999\n`);
    return undefined;
  }
  if ((cert === undefined) !== (key === undefined)) {
    io.writeError('--tls-cert and --tls-key go together\n');
    return undefined;
  }
  try {
    return {
      rules: rules.map(parseFaultRule),
      seed: Number(seed),
      tls:
        cert === undefined || key === undefined
          ? undefined
          : { cert: readFileSync(cert), key: readFileSync(key) },
    };
  } catch (error) {
    io.writeError(`${formatError(error)}\n`);
    return undefined;
  }
}

function parseOptions(argv: readonly string[], io: ProgramIo) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '9000' },
        bucket: { type: 'string', multiple: true, default: [] },
        region: { type: 'string', default: 'us-east-1' },
        'access-key': { type: 'string', default: 'SAI3BENCHTEST' },
        'secret-key': { type: 'string', default: 'sai3bench-test-secret' },
        'session-token': { type: 'string' },
        anonymous: { type: 'boolean', default: false },
        'tls-cert': { type: 'string' },
        'tls-key': { type: 'string' },
        fault: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string', default: '1' },
        'lengths-only': { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    io.writeError(`${formatError(error)}\n${USAGE}`);
    return undefined;
  }
}
