import { BenchError } from '@sai3bench/errors';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';

/**
 * Asks a server for more objects at once than this process may have open files, and prints what became of it: a program for
 * tests, because the limit is that of a process.
 */
const [host = '', operations = '0'] = process.argv.slice(2);
const store = await openStore(`s3://${host}/bucket/`, {
  nowNs: () => performance.now() * 1e6,
  maxInFlight: Number(operations),
  fileMode: 'sync',
  env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' },
});
const client = new ObjectClient(store);
const results = await Promise.allSettled(
  Array.from({ length: Number(operations) }, () => client.get('key')),
);
const errors = results.flatMap((result) =>
  result.status === 'rejected' ? [BenchError.from(result.reason)] : [],
);
const [first] = errors;
const after = await client.get('key').then(String, String);
process.stdout.write(
  JSON.stringify({
    succeeded: results.length - errors.length,
    codes: [...new Set(errors.map(({ code }) => code))],
    class: first?.class,
    hint: first?.hint,
    after,
  }),
);
store.close();
