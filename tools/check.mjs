// npm run check: everything that can be judged without running the product. Every step runs, even after one failed.
import { spawnSync } from 'node:child_process';
import { root } from './projects.mjs';

const steps = [
  ['format', 'prettier', ['--check', '--log-level=warn', '.']],
  ['protocol', 'buf', ['lint']],
  ['generated code', 'node', ['tools/check-generated.mjs']],
  ['project references', 'nx', ['sync:check']],
  ['types', 'tsc', ['-b']],
  ['lint', 'eslint', ['--max-warnings=0', '.']],
  ['packages', 'nx', ['run-many', '-t', 'pack-check', '--output-style=static']],
];

const failed = [];
for (const [name, command, args] of steps) {
  const startedAt = Date.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  // What a step that passed has to say is of no interest.
  if (status !== 0) console.log(`${stdout}${stderr}`);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(', ')}`);
  process.exit(1);
}
