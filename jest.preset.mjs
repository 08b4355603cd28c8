/** Shared jest settings: native ES modules, swc only strips types, workspace packages resolve to their sources. */
export default {
  // Not below TMPDIR, which is another one each time that all tests run.
  cacheDirectory: import.meta.dirname + '/node_modules/.cache/jest',
  testEnvironment: import.meta.dirname + '/tools/jest-environment.mjs',
  testEnvironmentOptions: { customExportConditions: ['@sai3bench/source', 'node', 'node-addons'] },
  testMatch: ['**/src/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
      },
    ],
  },
  injectGlobals: false,
  // A guard against tests that hang, wide enough for a busy machine: nothing here is a measure of speed.
  testTimeout: 240_000,
  reporters: ['default', import.meta.dirname + '/tools/jest-counts.mjs'],
};
