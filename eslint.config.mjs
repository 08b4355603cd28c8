import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import * as jsoncParser from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

/** Packages that what is shipped does not import. */
const TEST_SUPPORT = ['@sai3bench/testing', '@sai3bench/s3-test-server'].map((name) => ({
  name,
  message: 'only specs may use test support',
}));

export default defineConfig(
  globalIgnores(['**/dist', '**/test-output', '**/out-tsc', '**/coverage', '**/src/gen/**']),
  {
    files: ['**/*.ts'],
    extends: [
      eslint.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      'no-console': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          banTransitiveDependencies: true,
          allow: ['^.*/jest\\.preset\\.mjs$'],
          depConstraints: [
            {
              sourceTag: 'layer:pure',
              onlyDependOnLibsWithTags: ['layer:pure', 'layer:testing'],
              bannedExternalImports: ['@connectrpc/*', '@bufbuild/*', 'lmdb', 'commander'],
            },
            {
              sourceTag: 'layer:io',
              onlyDependOnLibsWithTags: ['layer:pure', 'layer:testing'],
              bannedExternalImports: ['@connectrpc/*', '@bufbuild/*', 'commander'],
            },
            {
              sourceTag: 'layer:protocol',
              onlyDependOnLibsWithTags: ['layer:pure', 'layer:testing'],
              bannedExternalImports: ['commander'],
            },
            {
              sourceTag: 'layer:engine',
              onlyDependOnLibsWithTags: ['layer:pure', 'layer:io', 'layer:testing'],
              bannedExternalImports: ['@connectrpc/*', '@bufbuild/*', 'commander'],
            },
            {
              sourceTag: 'layer:control',
              onlyDependOnLibsWithTags: [
                'layer:pure',
                'layer:io',
                'layer:protocol',
                'layer:testing',
              ],
              bannedExternalImports: ['commander'],
            },
            {
              sourceTag: 'layer:app',
              onlyDependOnLibsWithTags: [
                'layer:pure',
                'layer:io',
                'layer:protocol',
                'layer:engine',
                'layer:control',
                'layer:testing',
              ],
            },
            {
              sourceTag: 'layer:testing',
              onlyDependOnLibsWithTags: ['layer:pure', 'layer:testing'],
            },
            { sourceTag: 'layer:e2e', onlyDependOnLibsWithTags: ['*'] },
            { sourceTag: 'layer:tools', onlyDependOnLibsWithTags: ['layer:testing'] },
          ],
        },
      ],
    },
  },
  {
    files: ['{packages,apps}/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/src/testing/**', 'packages/testing/**'],
    rules: {
      'no-restricted-imports': ['error', { paths: TEST_SUPPORT }],
    },
  },
  {
    files: [
      'packages/{errors,secret,units,store-uri,stats,workload-config,datagen,multi-endpoint}/src/**/*.ts',
    ],
    ignores: ['**/*.spec.ts', '**/src/testing/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: TEST_SUPPORT,
          patterns: [
            {
              regex: '^node:',
              message: 'pure packages take clocks, files and sockets as arguments',
            },
          ],
        },
      ],
    },
  },
  // Benchmarks are programs that print, and measure what packages keep to themselves.
  { files: ['benchmarks/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['benchmarks/src/{micro/*,cache/*,durability}.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['{packages,apps}/*/package.json'],
    languageOptions: { parser: jsoncParser },
    plugins: { '@nx': nx },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          ignoredFiles: [
            '{projectRoot}/jest.config.mjs',
            '{projectRoot}/src/**/*.spec.ts',
            '{projectRoot}/src/testing/**',
          ],
          // Started as a program, not imported.
          ignoredDependencies: ['sai3bench-agent'],
        },
      ],
    },
  },
  prettier,
);
