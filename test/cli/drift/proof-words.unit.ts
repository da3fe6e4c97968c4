import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { uncoloured } from '../../../harness/cli/drift/drift-report.ts';
import { proofLines } from '../../../harness/cli/drift/proof-words.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import type { LocaleProof, TopicProof } from '../../../harness/readback/proof/locale-proof.ts';
import { writeProof } from '../../../harness/readback/proof/proof-folder.ts';
import type { Readback } from '../../../harness/readback/readback.ts';
import { noReadbackCounts, type ReadbackCounts } from '../../../harness/readback/readback-counts.ts';
import type { Finding } from '../../../harness/verdict/finding.ts';

function readBack(counts: Partial<ReadbackCounts> = {}, findings: readonly Finding[] = []): Readback {
  return {
    findings,
    counts: { ...noReadbackCounts, ...counts },
    brokenIndexes: findings.length === 0 ? [] : ['sorted.words_word'],
    warnings: [],
    notChecked: [],
  };
}

const calm: TopicProof = {
  breaks: false,
  opened: readBack(),
  refreshed: readBack(),
  reindexed: readBack(),
  refusals: [],
};

const lost: Finding = {
  code: 'readback-row-not-found',
  message: 'index sorted.named_pkey does not find 2 rows',
  details: { index: 'sorted.named_pkey', table: 'sorted.named', keys: ["O'Brien"] },
};

const proof: LocaleProof = {
  provider: 'icu',
  locale: 'de-u-co-phonebk',
  server: 'PostgreSQL 17.10',
  from: 'debian:12',
  to: 'debian:13',
  collversion: { from: '153.120', to: '153.128' },
  rows: { order: 3000, moved: 7, characters: 10 },
  charactersChanged: { lower: 0, upper: 0, alpha: 0, digit: 0, space: 0, punct: 0 },
  characterExamples: [],
  order: calm,
  characters: calm,
  warnings: { opened: [], refreshed: [] },
  pages: [],
};

function linesOf(given: LocaleProof): string {
  const proved = [{ proof: given, script: [], asked: [], pages: [] }];
  return proofLines(
    { proved, breaks: false, inDrift: { locales: [], notProved: ['libc sv_SE: no'] } },
    uncoloured,
  ).join('\n');
}

const found = readBack(
  {
    rowsNotFound: 2,
    rowsLookedUp: 3000,
    rowsInWrongPartition: 1,
    indexesChecked: 9,
    indexesAmchecked: 4,
    indexesCorrupt: 1,
  },
  [lost],
);

const broken: TopicProof = {
  breaks: true,
  opened: found,
  refreshed: found,
  reindexed: readBack({ rowsInWrongPartition: 1 }),
  refusals: [],
};

test.group('words of a proof', () => {
  test('nothing breaks, with and without a warning', ({ assert }) => {
    assert.match(
      linesOf(proof),
      /^✓ proof of icu de-u-co-phonebk: nothing breaks; 3,000 strings, written by/m,
    );
    const warned = linesOf({ ...proof, warnings: { opened: ['mismatch'], refreshed: [] } });
    assert.match(warned, /nothing breaks, though PostgreSQL warns; [^]*\n {4}warning +mismatch$/m);
    assert.match(warned, /^not proved libc sv_SE: no$/m);
  });

  test('what breaks, in silence', ({ assert }) => {
    const said = linesOf({ ...proof, order: broken, collversion: { from: null, to: null } });
    assert.match(said, /^✗ proof of icu de-u-co-phonebk: PostgreSQL breaks, WITHOUT A WARNING; /m);
    assert.match(said, /^ {4}not found +2 of 3,000 rows .*; index sorted\.named_pkey does not find 2 rows$/m);
    assert.match(said, /^ {4}warning +none: PostgreSQL records no version of icu de-u-co-phonebk/m);
    assert.match(said, /^ {4}REFRESH +there is no version to refresh; all of it stays$/m);
    assert.match(said, /^ {4}REINDEX +mends 1 index; what it leaves: 1 row in the wrong partition$/m);
    assert.match(said, /^ {4}amcheck +1 of 4 indexes that it knows are corrupt$/m);
    assert.notInclude(said, 'doubled');
  });

  test('what REFRESH VERSION and REINDEX leave is told as it is', ({ assert }) => {
    const said = linesOf({
      ...proof,
      order: { ...broken, refreshed: readBack({ rowsNotFound: 1 }, [lost]), reindexed: found },
      warnings: { opened: ['mismatch'], refreshed: [] },
    });
    assert.match(said, /^ {4}REFRESH +REFRESH VERSION silences the warning; 1 row stays lost$/m);
    assert.match(
      said,
      /REINDEX +mends 0 indexes; what it leaves: 1 row in the wrong partition, 1 broken index$/m,
    );
  });

  test('what REINDEX refuses, and a version that is the same', ({ assert }) => {
    const refusals: readonly Finding[] = [
      { code: 'readback-reindex-refused', message: 'REINDEX INDEX i is refused: x.' },
    ];
    const said = linesOf({
      ...proof,
      order: { ...broken, refusals },
      collversion: { from: '1', to: '1' },
    });
    assert.match(
      said,
      /REINDEX +mends 1 index; is refused for 1 index: REINDEX INDEX i is refused: x; what it leaves/,
    );
    assert.match(said, /none: its version is 1 on both sides/);
  });

  test('letters that changed, and what they break', ({ assert }) => {
    const said = linesOf({
      ...proof,
      charactersChanged: { ...proof.charactersChanged, lower: 40, punct: 2 },
      characterExamples: [{ codePoint: 'U+2C2F', character: 'Ⱟ', what: 'lower', from: 'Ⱟ', to: 'ⱟ' }],
      characters: broken,
    });
    assert.match(
      said,
      /40 characters have another lower\(\), 0 another upper\(\), 2 changes of class, "Ⱟ" \(U\+2C2F\)/,
    );
    assert.match(said, /text with these breaks indexes on lower\(\).*: 2 rows of 3,000 not found/);
  });

  test('the folder has tables, statements, findings and pages', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const name = await writeProof(directory.path, {
      proof: { ...proof, order: broken },
      script: ['CREATE SCHEMA given;'],
      asked: ['BEGIN;', 'SELECT 1;', '-- {"a":1}', 'ROLLBACK;'],
      pages: [{ index: 'sorted.words_word', side: 'to', block: 3, bytes: Buffer.alloc(8192, 1) }],
    });
    const folder = join(directory.path, name);
    assert.equal(name, 'icu-de-u-co-phonebk');
    const tables = await readFile(join(folder, 'tables.sql'), 'utf8');
    assert.match(
      tables,
      /^CREATE DATABASE proof .* ICU_LOCALE 'de-u-co-phonebk' LOCALE 'C';\n\\connect proof\n[^]*CREATE SCHEMA given;\n$/m,
    );
    const asked = await readFile(join(folder, 'readback.sql'), 'utf8');
    assert.match(asked, /debian:12 when PostgreSQL 17\.10 had opened it on debian:13/);
    assert.match(asked, /^BEGIN;\nSELECT 1;\n-- \{"a":1\}\nROLLBACK;\n$/m);
    assert.include(
      await readFile(join(folder, 'by-hand.sql'), 'utf8'),
      "FROM sorted.named WHERE word = 'O''Brien';",
    );
    assert.include(await readFile(join(folder, 'findings.txt'), 'utf8'), lost.message);
    assert.deepEqual(await readdir(join(folder, 'pages')), ['sorted.words_word.to.3.page']);
  });
});
