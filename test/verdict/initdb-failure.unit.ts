import { test } from '@japa/runner';

import type { InitdbFindingCode } from '../../harness/verdict/finding-code.ts';
import { describeInitdbFailure } from '../../harness/verdict/initdb-failure.ts';

const failures: readonly (readonly [stderr: string, code: InitdbFindingCode, words: RegExp])[] = [
  [
    'initdb: error: could not look up effective user ID 65534: user does not exist',
    'initdb-no-passwd-entry',
    /no passwd entry for uid 65534/,
  ],
  [
    'initdb: error: invalid locale name "xx_XX.UTF-8"',
    'initdb-locale-missing',
    /locale xx_XX\.UTF-8 is missing/,
  ],
  [
    'FATAL:  could not open collator for locale "tlh": U_FILE_ACCESS_ERROR',
    'initdb-locale-missing',
    /ICU locale tlh cannot be opened/,
  ],
  ['initdb: error: ICU is not supported in this build', 'initdb-provider-missing', /built without ICU/],
  [
    'initdb: error: program "postgres" is needed by initdb but was not found in the same directory',
    'initdb-command-failed',
    /needs \/bin\/sh/,
  ],
  ['Segmentation fault', 'initdb-failed', /exited with code 1: Segmentation fault/],
];

test.group('describeInitdbFailure', () => {
  for (const [stderr, code, words] of failures) {
    test(`${code}: ${stderr}`, ({ assert }) => {
      const finding = describeInitdbFailure({ kind: 'exited', exitCode: 1 }, `${stderr}\n`);
      assert.equal(finding.code, code);
      assert.match(finding.message, words);
      assert.include(finding.message, stderr);
    });
  }
});
