import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { openProofSide } from '../../harness/cli/drift/proof-sides.ts';
import type { ProvenDrift } from '../../harness/cli/drift/prove-drift.ts';
import { findServerProgram } from '../../harness/compute/server-program.ts';
import { socketTarget, superuser } from '../../harness/compute/server.ts';
import type { Host } from '../../harness/host/engine.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import type { LocaleProof } from '../../harness/readback/proof/locale-proof.ts';
import { ProofCluster } from '../../harness/readback/proof/proof-cluster.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { type CommandOutcome, redoubt } from '../support/redoubt-command.ts';

interface ProofAnswer {
  readonly exitCode: number;
  readonly locales: readonly ProvenDrift[];
}

/** Proves by canaries and a real data directory, without the sweep in between. */
async function prove(
  words: string,
  report: string,
): Promise<ProofAnswer & { readonly outcome: CommandOutcome }> {
  const outcome = await redoubt([
    'drift',
    ...words.split(' '),
    '--quick',
    '--prove',
    '--report',
    report,
    '--json',
    '--quiet',
  ]);
  return { ...(JSON.parse(outcome.stdout) as ProofAnswer), outcome };
}

/** Runs a script of a proof's folder by the psql of a compute image. */
async function psql(
  image: Host,
  socketDirectory: string,
  folder: string,
  file: string,
  database: string,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const program = await findServerProgram(image, 17);
  const { stdout, stderr } = await image.run({
    argv: [`${program.directory}/psql`, '-XAtq', `--file=/proof/${file}`, database],
    env: { PATH: '/usr/bin:/bin', PGHOST: socketTarget, PGUSER: superuser },
    systemMounts: true,
    mounts: [
      { source: socketDirectory, target: socketTarget, readOnly: false },
      { source: folder, target: '/proof', readOnly: true },
    ],
  });
  return { stdout: stdout.toString('utf8'), stderr };
}

function errorsIn(text: string): readonly string[] {
  return [...text.matchAll(/ERROR: +(.*)/g)].map(([, words]) => words ?? '');
}

function proofOf({ locales }: ProofAnswer, locale: string): LocaleProof {
  const proof = locales.find((each) => each.locale === locale)?.proof;
  if (proof === undefined || proof === null) throw new TypeError(`no proof of ${locale}`);
  return proof;
}

test.group('redoubt drift --prove', (group) => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let libc: Awaited<ReturnType<typeof prove>>;
  let icu: Awaited<ReturnType<typeof prove>>;
  group.setup(async () => {
    directory = await temporaryDirectory('a test of proofs');
    libc = await prove(
      '--from debian:11 --to debian:12 --provider libc --locale C.UTF-8,en_US.UTF-8',
      join(directory.path, 'libc'),
    );
    icu = await prove(
      '--from debian:12 --to debian:13 --provider icu --locale und',
      join(directory.path, 'icu'),
    );
    return async () => {
      await directory[Symbol.asyncDispose]();
    };
  });

  test('C.UTF-8, debian:11 to debian:12: rows lost, duplicates taken, counts wrong, and no warning', ({
    assert,
  }) => {
    assert.deepEqual([libc.outcome.exitCode, libc.exitCode], [1, 1]);
    const proof = proofOf(libc, 'C.UTF-8');
    const { opened, refreshed, reindexed, breaks, refusals } = proof.order;
    assert.isTrue(breaks);
    assert.deepEqual(proof.warnings, { opened: [], refreshed: [] });
    assert.deepEqual(proof.collversion, { from: null, to: null });
    assert.isAbove(opened.counts.rowsNotFound, 3000);
    assert.isAbove(opened.counts.duplicatesAccepted, 500);
    assert.isAbove(opened.counts.rangesWrong, 100);
    assert.isAbove(opened.counts.rowsInWrongPartition, 100);
    assert.isAbove(opened.counts.rowsAgainstConstraints, 100);
    assert.isAtLeast(opened.counts.indexesCorrupt, 6);
    const own = opened.findings.filter(({ details }) => details?.['index'] === 'sorted.words_word');
    assert.includeMembers(
      own.map(({ code }) => code),
      [
        'readback-index-corrupt',
        'readback-row-not-found',
        'readback-order-wrong',
        'readback-range-wrong',
        'readback-join-wrong',
        'readback-duplicate-accepted',
      ],
    );
    // Indexes that hash or compare bytes are not touched by order.
    assert.notIncludeMembers(
      [...opened.brokenIndexes],
      ['sorted.words_hash', 'sorted.words_pattern', 'sorted.words_pkey'],
    );
    for (const kind of ['gist', 'gin', 'brin', 'citext', 'lower', 'low', 'word_id'])
      assert.include(opened.brokenIndexes, `sorted.words_${kind}`);
    // Arrays, composites, ranges and jsonb are in the order of the text that they hold.
    for (const kind of ['words', 'words_gin', 'entry', 'span', 'span_gist', 'document'])
      assert.include(opened.brokenIndexes, `sorted.held_${kind}`);
    // Nothing was recorded, so that there is nothing to refresh, and REINDEX leaves what no index holds.
    assert.deepEqual(refreshed.counts, opened.counts);
    assert.deepEqual(refreshed.brokenIndexes, opened.brokenIndexes);
    assert.deepEqual([reindexed.brokenIndexes, refusals], [[], []]);
    assert.equal(reindexed.counts.rowsInWrongPartition, opened.counts.rowsInWrongPartition);
  });

  test('the page itself shows the order: leaf, item, both keys', ({ assert }) => {
    const page = proofOf(libc, 'C.UTF-8').pages.find(({ index }) => index === 'sorted.words_word');
    const [flip] = page?.flips ?? [];
    assert.isAbove(page?.pairsFlipped ?? 0, 50);
    assert.equal(page?.entries, 3000);
    assert.isAbove(flip?.left.from.item ?? 0, 0);
    assert.isNotEmpty(flip?.left.key.codePoints);
    assert.isNotEmpty(flip?.right.key.text);
  });

  test('en_US, debian:11 to debian:12: PostgreSQL warns, and no order breaks', ({ assert }) => {
    const { order, warnings, collversion } = proofOf(libc, 'en_US.UTF-8');
    assert.deepEqual([order.breaks, order.opened.findings, order.reindexed.findings], [false, [], []]);
    assert.isAbove(order.opened.counts.rowsLookedUp, 30_000);
    assert.deepEqual(collversion, { from: '2.31', to: '2.36' });
    assert.match(warnings.opened.join('\n'), /database "proof_2" has a collation version mismatch/);
    assert.deepEqual(warnings.refreshed, []);
    assert.include(libc.locales.find(({ locale }) => locale === 'en_US.UTF-8')?.evidence ?? [], 'proof');
  });

  test('letters that changed break what is made by lower, upper, classes, trigrams and words', ({
    assert,
  }) => {
    const { characters, charactersChanged } = proofOf(libc, 'en_US.UTF-8');
    assert.isAtLeast(charactersChanged.lower, 27);
    assert.isAtMost(charactersChanged.lower, 40);
    assert.isAbove(charactersChanged.alpha, 100);
    for (const index of [
      'words_lower',
      'words_upper',
      'words_citext',
      'words_alpha',
      'words_trigram',
      'words_search',
      'accounts_lower',
      'names_name_key',
    ])
      assert.include(characters.opened.brokenIndexes, `cased.${index}`);
    assert.isAbove(characters.opened.counts.duplicatesAccepted, 10);
    assert.isAbove(characters.opened.counts.valuesStale, 50);
    assert.isAbove(characters.opened.counts.rowsAgainstConstraints, 50);
    assert.deepEqual(characters.reindexed.brokenIndexes, []);
    assert.equal(characters.reindexed.counts.valuesStale, characters.opened.counts.valuesStale);
  });

  test("libicu's root, 72 to 76, under the same server: names with apostrophes", ({ assert }) => {
    assert.equal(icu.outcome.exitCode, 1);
    const { order, warnings, collversion, server } = proofOf(icu, 'und');
    assert.match(server, /^PostgreSQL 17\.\d+$/);
    assert.deepEqual(collversion, { from: '153.120', to: '153.128' });
    assert.match(warnings.opened.join('\n'), /version mismatch/);
    assert.deepEqual(warnings.refreshed, []);
    assert.isAbove(order.opened.counts.rowsNotFound, 500);
    assert.isAbove(order.opened.counts.duplicatesAccepted, 20);
    assert.deepEqual(order.refreshed.brokenIndexes, order.opened.brokenIndexes);
    // Straight and curly apostrophes are equal now where accents do not count: REINDEX cannot help any more.
    assert.match(order.refusals[0]?.message ?? '', /REINDEX INDEX sorted\.loose_word_key is refused: .*O'/i);
    const stored = order.opened.findings.find(({ code }) => code === 'readback-duplicate-stored');
    assert.match(stored?.message ?? '', /o['’]\w+.* = .*o['’]/i);
    // What hashes sort keys breaks wherever ICU's version changes.
    assert.includeMembers(
      [...order.opened.brokenIndexes],
      ['sorted.loose_hash', 'sorted.loose_bloom', 'sorted.loose_apart_word_excl', 'sorted.words_word'],
    );
    assert.isAbove(order.opened.counts.rowsInWrongPartition, 1000);
    assert.match(
      order.opened.findings.map(({ message }) => message).join('\n'),
      /partition sorted\.listed_rest \(DEFAULT\) holds \d+ rows that belong elsewhere.*[oO]’/,
    );
  });

  test('keeps what checks it by hand', async ({ assert }) => {
    const folder = join(directory.path, 'libc', 'libc-C.UTF-8');
    assert.match(
      await readFile(join(folder, 'tables.sql'), 'utf8'),
      /^CREATE UNIQUE INDEX words_word ON sorted\.words \(word\);$/m,
    );
    assert.match(
      await readFile(join(folder, 'by-hand.sql'), 'utf8'),
      /^SELECT count\(\*\) FROM sorted\.named WHERE word = .*; -- 0: the index does not find it$/m,
    );
    assert.match(
      await readFile(join(folder, 'findings.txt'), 'utf8'),
      /readback-duplicate-accepted {2}unique index sorted\.words_word/,
    );
    const pages = await readdir(join(folder, 'pages'));
    const from = pages.find((name) => name.startsWith('sorted.words_word.from.')) ?? '';
    const { exitCode, stdout } = await redoubt(['explain', join(folder, 'pages', from), '--block', '0']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /btree/);
    const said = await readFile(join(directory.path, 'libc', 'drift.txt'), 'utf8');
    assert.match(
      said,
      /^✗ proof of libc C\.UTF-8: PostgreSQL breaks, WITHOUT A WARNING; 3,000 strings, written by PostgreSQL 17\.\d+ on debian:11, read by the same program on debian:12$/m,
    );
    assert.match(
      said,
      /^ {4}not found +[\d,]+ of [\d,]+ rows are not found through an index that has them; index sorted\.words_word /m,
    );
    assert.match(said, /^✓ proof of libc en_US\.UTF-8: nothing breaks, though PostgreSQL warns; /m);
  });

  test("psql asks it all again, with the proof's own answers", async ({ assert }) => {
    await using stack = new AsyncDisposableStack();
    const sides = { server: 'npm:17', withIcu: false };
    const from = await openProofSide('debian:11', sides, stack, silent);
    const to = await openProofSide('debian:12', sides, stack, silent);
    const image = stack.use(await openComputeImage(17));
    const scratch = stack.use(await temporaryDirectory('a proof by hand'));
    const cluster = new ProofCluster(scratch.path);
    const folder = join(directory.path, 'libc', 'libc-C.UTF-8');
    await cluster.initialise(from, 'data');
    const made = await cluster.serve(from, 'data', () =>
      psql(image, join(scratch.path, 's1'), folder, 'tables.sql', 'postgres'),
    );
    assert.equal(made.value.stderr, '');
    const asked = await cluster.serve(to, 'data', async () => ({
      byHand: await psql(image, join(scratch.path, 's2'), folder, 'by-hand.sql', 'proof'),
      readback: await psql(image, join(scratch.path, 's2'), folder, 'readback.sql', 'proof'),
    }));
    const { byHand, readback } = asked.value;
    assert.match(byHand.stdout, /^1\n0\n/);
    assert.match(byHand.stderr, /ERROR: {2}item order invariant violated for index "named_pkey"/);
    const own = await readFile(join(folder, 'readback.sql'), 'utf8');
    assert.deepEqual(errorsIn(readback.stderr), errorsIn(own));
    const { findings } = proofOf(libc, 'C.UTF-8').order.opened;
    // Where a GiST index puts a row is left to chance.
    const lost = findings.filter(
      ({ code, details }) =>
        code === 'readback-row-not-found' && !/ USING gist /.test(String(details?.['definition'])),
    );
    assert.isAbove(lost.length, 10);
    for (const { details } of lost)
      assert.include(
        readback.stdout,
        `\n${String(details?.['rowsLookedUp'])}|${String(details?.['rowsNotFound'])}|0|`,
      );
  });

  test('refuses {what}')
    .with([
      { what: 'a report without a proof', words: '--report x', exitCode: 2, named: '--prove' },
      { what: 'a report that is there', words: '--prove --report /', exitCode: 2, named: 'exists already' },
      {
        what: 'a server that nobody has',
        words: '--prove npm:9',
        exitCode: 2,
        named: 'npm:9',
      },
    ])
    .run(async ({ assert }, { words, exitCode, named }) => {
      const outcome = await redoubt([
        'drift',
        '--from',
        'debian:12',
        '--to',
        'debian:13',
        ...words.split(' '),
      ]);
      assert.equal(outcome.exitCode, exitCode);
      assert.include(outcome.stderr, named);
    });
});
