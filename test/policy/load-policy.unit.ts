import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { factsOf, type LoadedPolicy, loadPolicy } from '../../harness/policy/load-policy.ts';
import { rejectionOf } from '../support/error-code.ts';

const date = '2026-11-22';

test.group('loadPolicy', (group) => {
  let directory: string;
  group.each.setup(() => {
    directory = mkdtempSync(join(tmpdir(), 'redoubt-policy-'));
    return () => {
      rmSync(directory, { recursive: true });
    };
  });

  function load(text: string): Promise<LoadedPolicy | undefined> {
    const path = join(directory, 'redoubt.config.ts');
    writeFileSync(path, text);
    return loadPolicy(path, date);
  }

  test('takes what a module of TypeScript exports', async ({ assert }) => {
    const loaded = await load(
      [
        "import type { RedoubtPolicy } from 'redoubt/policy';",
        "export const policy = { findings: { 'page-lsn': 'warn', 'page-zero': 'fail' }, hosts: ['debian:12'] } satisfies RedoubtPolicy;",
      ].join('\n'),
    );
    assert.deepEqual(loaded?.policy, {
      hosts: ['debian:12'],
      findings: { 'page-lsn': 'warn', 'page-zero': 'fail' },
    });
    assert.deepEqual(loaded?.facts.warnings, ['page-lsn']);
    assert.equal(loaded?.facts.date, date);
  });

  test('is the same policy however it is written', ({ assert }) => {
    const digest = factsOf({ hosts: ['a'], locales: ['b'] }, 'x', date).digest;
    assert.equal(factsOf({ hosts: ['a'], locales: ['b'] }, 'y', '2027-01-01').digest, digest);
    assert.notEqual(factsOf({ hosts: ['a'], locales: ['c'] }, 'x', date).digest, digest);
  });

  test('refuses {what}')
    .with([
      {
        what: 'broken syntax',
        text: '\nconst x: = 1',
        says: /redoubt\.config\.ts cannot be loaded: line 2: Syntax/,
      },
      { what: 'one that fails', text: 'throw new Error("boom")', says: /line 1: Error: boom/ },
      { what: 'a default export', text: 'export default {}', says: /exports no policy, but default/ },
      { what: 'an empty file', text: '', says: /exports no policy/ },
      { what: 'a policy that is none', text: 'export const policy = 7', says: /: policy: expected object/ },
    ])
    .run(async ({ assert }, { text, says }) => {
      const error = await rejectionOf(load(text));
      assert.equal(error.code, 'policy-invalid');
      assert.equal(error.exitCode, 2);
      assert.match(error.message, says);
    });

  test('takes the example of the docs', async ({ assert }) => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/pin.md'), 'utf8');
    const [, text = ''] = /^```ts\n([^]*?)^```/m.exec(page) ?? [];
    const loaded = await load(text);
    assert.lengthOf(loaded?.facts.accepted ?? [], 1);
    assert.deepEqual(loaded?.facts.warnings, ['walredo-chatter']);
  });

  test('a file that was named must be there', async ({ assert }) => {
    const error = await rejectionOf(loadPolicy(join(directory, 'none.ts'), date));
    assert.equal(error.code, 'policy-missing');
  });
});
