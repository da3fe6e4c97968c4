import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Bundle } from '../../harness/bundle/open.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import type { PageKey } from '../../harness/redo/page-key.ts';
import type { Report } from '../../harness/report/report.ts';
import { breakBundle, type Fault } from '../support/broken-bundle.ts';
import { judged } from '../support/redoubt-command.ts';
import { referenceBundle } from '../support/small-tape.ts';
import { wholeLifeTape } from '../support/whole-life.ts';

/* The whole loop: initdb in the bundle, WAL of the compute image, pages of walredo, a query in compute. */

const major = 17;
const index = 'corpus.text_icu_de_label';

test.group('gate --suites readback', (group) => {
  let reference: Bundle;
  let leaf: PageKey;
  let scratch: TemporaryDirectory;
  group.setup(async () => {
    reference = await referenceBundle();
    const tape = await wholeLifeTape(major);
    const request = [...tape.index].find(
      ({ key }) => tape.relationOf(key)?.name === index && key.forkNumber === 0 && key.blockNumber === 1,
    );
    if (request === undefined) throw new TypeError('no leaf');
    leaf = request.key;
    scratch = await temporaryDirectory('reports');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  async function gate(
    name: string,
    words: string,
  ): Promise<{ readonly exitCode: number | undefined; readonly report: Report; readonly directory: string }> {
    const directory = join(scratch.path, name);
    const { exitCode, report } = await judged(
      `gate --suites readback --pg ${String(major)} ${words} --report ${directory}`,
    );
    return { exitCode, report, directory };
  }

  async function gateOfBroken(name: string, fault: Fault): ReturnType<typeof gate> {
    const candidate = await breakBundle(reference, fault, join(scratch.path, `${name}-bundle`));
    return gate(name, `--hosts debian:12 --candidate ${candidate}`);
  }

  test('the reference bundle passes; equal pages are read back once, and that is said', async ({
    assert,
  }) => {
    const { exitCode, report } = await gate('sound', '--hosts debian:12,debian:13');
    assert.equal(exitCode, 0, report.sentence);
    assert.equal(report.sentence, 'compatible (readback)');
    const notes = report.cells.map(({ checks }) => checks.flatMap((check) => check.notes).join('\n'));
    assert.match(
      notes[0] ?? '',
      /\d+ pages of walredo, [\d,]+ of initdb; pg_xact, pg_multixact, relation maps/,
    );
    assert.match(notes[0] ?? '', /[\d,]+ rows of \d+ tables read.*\d+ indexes checked/);
    assert.match(notes[1] ?? '', /every page is byte for byte that on debian:12/);
  });

  test('catch: one byte of one leaf; the data directory is kept', async ({ assert }) => {
    const { exitCode, report, directory } = await gateOfBroken('flipped', {
      kind: 'flip-byte',
      at: { kind: 'page', key: leaf },
      offsetBytes: 8100,
    });
    assert.equal(exitCode, 1, report.sentence);
    assert.match(report.sentence, /^incompatible \(readback\): index corpus\.text_icu_de_label /);
    for (const { code, message } of report.findings) {
      assert.match(code, /^readback-/);
      assert.include(message, index);
    }
    const notes = report.cells.flatMap(({ checks }) => checks.flatMap((check) => check.notes));
    const [, kept = ''] = /the data directory, as the server left it: (\S+)/.exec(notes.join('\n')) ?? [];
    assert.isTrue(existsSync(join(directory, kept, 'PG_VERSION')), kept);
    assert.isTrue(existsSync(join(directory, `${kept}.log`)));
  });

  test('catch: a page that walredo does not answer', async ({ assert }) => {
    const { exitCode, report } = await gateOfBroken('crash', {
      kind: 'crash',
      at: { kind: 'page', key: leaf },
    });
    assert.equal(exitCode, 1, report.sentence);
    assert.deepEqual(
      report.findings.map(({ code }) => code),
      ['readback-unanswered'],
    );
    assert.match(report.sentence, /walredo leaves 1 of \d+ pages unanswered/);
  });
});
