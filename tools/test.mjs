// npm test: every test of every project, then one line with the sum.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolders, root } from './projects.mjs';

const E2E = '@sai3bench/e2e';
const folders = projectFolders();
const countsOf = (folder) => join(folder, 'test-output', 'counts.json');
for (const folder of folders) rmSync(countsOf(folder), { force: true });

// What tests write lies in one place: what others have left in the system's directory plays no part, and nothing stays.
const temporary = mkdtempSync(join(tmpdir(), 'sai3bench-tests-'));
const options = process.argv.slice(2);
// The tests with real processes last and by themselves: they keep all cores busy.
const isGreen = (
  options.length > 0 ? [options] : [[`--exclude=${E2E}`], [`--projects=${E2E}`]]
).map(runTests);

function runTests(chosen) {
  const { status } = spawnSync(
    'nx',
    ['run-many', '-t', 'test', '--output-style=static', ...chosen],
    { cwd: root, stdio: 'inherit', env: { ...process.env, NX_DAEMON: 'false', TMPDIR: temporary } },
  );
  return status === 0;
}

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const folder of folders) {
  if (!existsSync(join(folder, 'jest.config.mjs'))) continue;
  if (!existsSync(countsOf(folder))) {
    console.error(`no result from ${folder}`);
    sum.failed++;
    continue;
  }
  const counts = JSON.parse(readFileSync(countsOf(folder), 'utf8'));
  for (const key of Object.keys(sum)) sum[key] += counts[key];
}
const isGood = !isGreen.includes(false) && sum.failed === 0;
if (isGood) rmSync(temporary, { recursive: true, force: true });
else console.log(`\nWhat the tests have left is in ${temporary}`);
const skipped = sum.skipped === 0 ? '' : ` (${sum.skipped} skipped)`;
console.log(`\n${sum.passed} passed, ${sum.failed} failed${skipped}`);
process.exitCode = isGood ? 0 : 1;
