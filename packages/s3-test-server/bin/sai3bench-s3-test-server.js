#!/usr/bin/env node
// Kept to syntax that old versions of Node understand, so that they can say what is wrong.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    'sai3bench-s3-test-server needs Node.js 22.18 or newer, but this is ' +
      process.versions.node +
      '.\n' +
      '  -> install a newer Node.js, or run it through: npx -p node@24 -p @sai3bench/s3-test-server sai3bench-s3-test-server',
  );
  process.exit(2);
}
import('../dist/main.js').catch(function (error) {
  console.error(
    error && error.code === 'ERR_MODULE_NOT_FOUND' ? error.message + '\n  -> run: npm ci' : error,
  );
  process.exit(1);
});
