import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { defineConfig, type OxlintOverride } from 'oxlint';

/** What each folder of `harness/` may import besides itself and `harness/error.ts`: the table in CONTRIBUTING.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  wal: [],
  page: [],
  host: [],
  redo: ['wal', 'page', 'host'],
  bundle: ['host', 'version.ts'],
  compute: ['host', 'page'],
  assembly: ['wal', 'page', 'redo', 'compute', 'host'],
  collation: ['compute', 'host'],
  verdict: ['wal', 'page', 'redo', 'bundle', 'host', 'compute', 'collation'],
  readback: ['page', 'host', 'compute', 'collation', 'verdict'],
  reproduction: ['collation', 'compute', 'host', 'readback'],
  contract: ['wal', 'page', 'redo', 'bundle', 'host', 'verdict'],
  report: ['verdict', 'page', 'host'],
  policy: ['verdict'],
  pin: ['bundle', 'collation', 'compute', 'host', 'report', 'verdict'],
  nightly: ['host', 'report', 'verdict'],
  gate: allBut('cli', 'matrix', 'nightly'),
  matrix: allBut('cli', 'nightly'),
  cli: allBut(),
};

function allBut(...others: readonly string[]): readonly string[] {
  return [...readdirSync(join(import.meta.dirname, 'harness'))].filter((name) => !others.includes(name));
}

function importRules(folder: string): OxlintOverride[] {
  const allowed = mayImport[folder];
  if (allowed === undefined)
    throw new TypeError(`oxlint.config.ts does not say what harness/${folder} may import`);
  const names = ['error.ts', ...allowed];
  // A folder's own subfolders climb once more to reach the others.
  return [
    { files: [`harness/${folder}/*.ts`], up: '..' },
    { files: [`harness/${folder}/*/*.ts`], up: '../..' },
    { files: [`harness/${folder}/*/*/*.ts`], up: '../../..' },
  ].map(({ files, up }) => ({
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                `${up}/*`,
                `${up}/**`,
                ...names.flatMap((name) => [`!${up}/${name}`, `!${up}/${name}/**`]),
              ],
              message: `harness/${folder} may import only ${names.join(', ')} of harness.`,
            },
          ],
        },
      ],
    },
  }));
}

const folders = readdirSync(join(import.meta.dirname, 'harness'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'warn' },
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-explicit-any': 'error',
    'typescript/consistent-type-imports': 'error',
    'import/no-default-export': 'error',
    'import/no-cycle': 'error',
    'no-await-in-loop': 'off',
    'no-shadow': 'off',
    'no-underscore-dangle': 'off',
    'import/no-unassigned-import': 'off',
    'consistent-return': 'off',
    'typescript/consistent-return': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'no-void': 'off',
  },
  overrides: [
    ...folders.flatMap(importRules),
    {
      files: ['suites/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                regex: '^(\\.\\./)+(harness/(cli|matrix|nightly|reproduction)|test|bench)/',
                message: 'suites say what a gate promises: no command, no matrix, no history, no test.',
              },
            ],
          },
        ],
      },
    },
    // Its default export is how oxlint reads it.
    { files: ['oxlint.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
