// Generates the protocol code and the fill kernel again and fails when what is committed differs.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './projects.mjs';

const generated = ['packages/barrier-protocol/src/gen', 'packages/datagen/src/gen'];
const before = mkdtempSync(join(tmpdir(), 'sai3bench-generated-'));
const run = (command, args, stdio = 'inherit') =>
  spawnSync(command, args, { cwd: root, stdio }).status;

for (const folder of generated)
  cpSync(join(root, folder), join(before, folder), { recursive: true });
let failed = run('buf', ['generate']) !== 0 || run('node', ['tools/build-wasm.mjs']) !== 0;
for (const folder of generated) {
  if (run('diff', ['-r', join(before, folder), folder]) !== 0) {
    console.error(`${folder} is not what its source generates: run npm run generate and commit it`);
    failed = true;
  }
}
rmSync(before, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
