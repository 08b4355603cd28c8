import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const HOOKS = fileURLToPath(new URL('testing/print-modules.mjs', import.meta.url));

/** The packages that a program loads before it does anything. */
function packagesOf(entry: string): string[] {
  const program = fileURLToPath(new URL(entry, import.meta.url));
  const options = ['--conditions=@sai3bench/source', '--import', HOOKS];
  const output = execFileSync(process.execPath, [...options, '--eval', `import('${program}')`], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as string[];
}

// Each thread of each agent loads them anew, before a run can begin.
describe.each(['host/run-host.ts', 'worker/worker-session.ts'])('%s', (entry) => {
  it('loads neither schemas nor what is needed for exports', () => {
    const packages = packagesOf(entry);
    expect(packages).toContain('@sai3bench/stats');
    for (const name of [
      'zod',
      'yaml',
      'hdr-histogram-js',
      '@aws-sdk/client-s3',
      '@connectrpc/connect',
    ]) {
      expect(packages).not.toContain(name);
    }
  });
});
