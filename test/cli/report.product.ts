import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import type { Report } from '../../harness/report/report.ts';
import { schemaFaults } from '../report/support/report-schema.ts';
import { redoubt } from '../support/redoubt-command.ts';

const gate = ['gate', '--pg', '17', '--hosts', 'debian:12', '--grep', 'walredo/recovery-images'];

test.group('the report of a real run', () => {
  test('is the same twice but for `run`, in every form, by its schema, and shown in CI', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('reports');
    const at = (...names: readonly string[]): string => join(scratch.path, ...names);
    const plain = await redoubt([...gate, '--report', at('one')]);
    assert.equal(plain.exitCode, 0, plain.stderr);
    assert.notInclude(plain.stderr, '::');
    const inCi = await redoubt(
      [...gate, '--report', at('two'), '--junit', at('junit.xml'), '--markdown', at('summary.md')],
      { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: at('step') },
    );
    assert.equal(inCi.exitCode, 0, inCi.stderr);

    const [one, two] = ['one', 'two'].map((name) => read(at(name, 'report.json')));
    assert.equal(one, two);
    assert.match(JSON.stringify(one), /only 1 of \d+ checks: those that match/);
    for (const line of readFileSync(at('one', 'events.ndjson'), 'utf8').trimEnd().split('\n'))
      assert.deepEqual(schemaFaults('event.schema.json', JSON.parse(line)), []);

    // What stands in the folder, and what is made of its events later, are the same.
    const again = await redoubt(['report', at('two'), '--json']);
    assert.equal(again.stdout, readFileSync(at('two', 'report.json'), 'utf8').trimEnd());
    for (const [format, file] of [
      ['junit', at('junit.xml')],
      ['markdown', at('summary.md')],
      ['html', at('two', 'report.html')],
    ] as const) {
      const shown = await redoubt(['report', at('two'), '--format', format, '--out', at('again')]);
      assert.equal(shown.exitCode, 0, shown.stderr);
      assert.equal(readFileSync(at('again'), 'utf8'), readFileSync(file, 'utf8'), format);
    }

    assert.equal(readFileSync(at('step'), 'utf8'), readFileSync(at('summary.md'), 'utf8'));
    const commands = inCi.stderr.split('\n').filter((line) => line.startsWith('::'));
    assert.lengthOf(commands, 3);
    const token = /^::stop-commands::(.*)$/.exec(commands[0] ?? '')?.[1] ?? '';
    assert.equal(commands[1], `::${token}::`);
    assert.match(commands[2] ?? '', /^::notice title=Redoubt::compatible \(walredo\); only 1 of /);
  });
});

/** A report's bytes without `run`. */
function read(path: string): string {
  const { run: _, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  return JSON.stringify(rest);
}
