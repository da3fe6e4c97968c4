import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { breakBundle } from '../support/broken-bundle.ts';
import { judged } from '../support/redoubt-command.ts';
import { referenceBundle } from '../support/small-tape.ts';
import { commandsOf, pages, repository } from './support/pages.ts';

/*
 * The commands of the README and of docs/ are run as they stand there, in a folder that has what they name; each page has a
 * folder of its own. In CI those that take seconds, in the full tier all.
 */

const isFull = process.env['REDOUBT_TEST_TIER'] === 'full';
const cheap = /^\.\/redoubt (report|open|diff|explain|extract|bisect|replay|hosts|doctor|gate --list)\b/;
/** Little enough for the dear ones, and enough for three shards. */
const policy = `export const policy = { majors: [17], hosts: ['debian:11', 'debian:12', 'debian:13'] };\n`;
/** What this test does not run, and the one that does. */
const elsewhere: ReadonlyMap<RegExp, string> = new Map([
  [/^\.\/redoubt test\b/, 'test/main.ts'],
  [/ --last-failed$/, 'test/gate/plan/check-filter.unit.ts'],
  [/ --base /, 'test/gate/capture/attached-capture.integration.ts'],
  [/ --engine docker/, 'test/cli/docker-engine.product.ts'],
]);
const tape = join(repository, 'corpora/tapes/pg17');

/** Makes a report that found wrong pages. */
async function makeFailingReport(broken: string, out: string): Promise<void> {
  await judged(
    `gate --pg 17 --hosts debian:12 --suites walredo --tape ${tape} --report ${out} --candidate ${broken}`,
  );
}

/** Makes all that the commands name. */
async function fill(place: string, broken: string, report: string): Promise<void> {
  symlinkSync(join(repository, 'redoubt'), join(place, 'redoubt'));
  const { path } = await ensureReferenceBundle(silent);
  for (const name of ['bundle', 'new', 'old', 'candidate']) symlinkSync(path, join(place, `${name}.tar.zst`));
  symlinkSync(broken, join(place, 'suspect.tar.zst'));
  symlinkSync(tape, join(place, 'my-tape'));
  cpSync(report, join(place, 'my-report'), { recursive: true });
  const { findings } = JSON.parse(readFileSync(join(report, 'report.json'), 'utf8')) as {
    readonly findings: readonly { readonly page?: { readonly files?: string } }[];
  };
  const evidence = findings.find(({ page }) => page?.files !== undefined)?.page?.files;
  symlinkSync(join('my-report', evidence ?? ''), join(place, 'EVIDENCE'));
  symlinkSync(join(tape, 'requests'), join(place, 'failing.walredo'));
  const oracle = readFileSync(join(tape, 'oracle'));
  for (const name of ['relation', 'standby-relation'])
    writeFileSync(join(place, name), oracle.subarray(0, 5 * 8192));
  writeFileSync(join(place, 'expected.page'), oracle.subarray(0, 8192));
  writeFileSync(join(place, 'actual.page'), Buffer.from(oracle.subarray(0, 8192)).fill(1, 8000, 8001));
  writeFileSync(
    join(place, 'mine.sql'),
    'CREATE TABLE mine (word text);\n-- redoubt: work\nINSERT INTO mine VALUES (1);\n',
  );
  writeFileSync(join(place, 'redoubt.config.ts'), policy);
}

async function run(command: string, cwd: string) {
  const started = execa('sh', ['-c', command.replace(/^\.\/redoubt open/, 'exec ./redoubt open')], {
    cwd,
    reject: false,
    all: true,
    stdin: 'ignore',
  });
  if (command.startsWith('./redoubt open')) {
    await once(started.stdout, 'data');
    started.kill('SIGINT');
  }
  return started;
}

test.group('the commands of the pages', (group) => {
  let work: TemporaryDirectory;
  let broken: string;
  let report: string;

  group.setup(async () => {
    work = await temporaryDirectory('commands of the pages');
    const fault = { kind: 'misapply', rmgrId: 10, info: 0, offsetBytes: -4 } as const;
    broken = await breakBundle(await referenceBundle(), fault, join(work.path, 'broken'));
    report = join(work.path, 'report');
    await makeFailingReport(broken, report);
    return async () => {
      await work[Symbol.asyncDispose]();
    };
  });

  for (const page of pages.filter((each) => each === 'README.md' || each.startsWith('docs/'))) {
    const commands = commandsOf(page).filter(
      (line) => (isFull || cheap.test(line)) && ![...elsewhere.keys()].some((pattern) => pattern.test(line)),
    );
    if (commands.length === 0) continue;
    test(`run as they stand in ${page}`, async ({ assert }) => {
      const place = join(work.path, page.replaceAll('/', '-'));
      mkdirSync(place);
      await fill(place, broken, report);
      for (const command of commands) {
        const { exitCode, stderr, all } = await run(command, place);
        assert.include([0, 1], exitCode ?? -1, `${command}\n${all}`);
        assert.notInclude(stderr, 'redoubt: ', command);
      }
    }).timeout(3_600_000);
  }

  test('are run by another test where this one does not', ({ assert }) => {
    const commands = pages.flatMap(commandsOf);
    for (const [pattern, file] of elsewhere) {
      assert.isTrue(
        commands.some((line) => pattern.test(line)),
        String(pattern),
      );
      assert.isTrue(existsSync(join(repository, file)), file);
    }
  });
});
