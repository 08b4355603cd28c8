// Assembles packages/datagen/wasm/fill-kernel.wat and writes it, base64, as a TypeScript module, so that
// the package needs neither a file next to its code nor an assembler at run time.
import { readFileSync, writeFileSync } from 'node:fs';
import loadWabt from 'wabt';

const packageDir = new URL('../packages/datagen/', import.meta.url);
const features = { simd: true, bulk_memory: true };
const wabt = await loadWabt();
const source = readFileSync(new URL('wasm/fill-kernel.wat', packageDir), 'utf8');
const module = wabt.parseWat('fill-kernel.wat', source, features);
module.validate(features);
const bytes = Buffer.from(module.toBinary({}).buffer);
writeFileSync(
  new URL('src/gen/fill-kernel.ts', packageDir),
  `// Generated from wasm/fill-kernel.wat by tools/build-wasm.mjs. Do not edit.\n` +
    `export const FILL_KERNEL_BASE64 =\n  '${bytes.toString('base64')}';\n`,
);
