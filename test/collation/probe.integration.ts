import { test } from '@japa/runner';
import type { Client } from 'pg';

import { type CollationCorpus, CorpusBuilder } from '../../harness/collation/corpus.ts';
import { rootEnvironment } from '../../harness/collation/environment.ts';
import { generatedStrings } from '../../harness/collation/generated-strings.ts';
import { icuLocales } from '../../harness/collation/locale-list.ts';
import { type LibraryProvider, Probe } from '../../harness/collation/probe.ts';
import { readCanaries, readNames } from '../../harness/collation/stored-strings.ts';
import { inverse, totalOrder } from '../../harness/collation/total-order.ts';
import { computeRecipe } from '../../harness/host/compute-images.ts';
import { silent } from '../../harness/host/progress.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { testedMajors } from '../support/tested-majors.ts';

async function openProbe(major: number): Promise<Probe> {
  const root = await ensureRoot(computeRecipe(major), silent);
  return Probe.open(await rootEnvironment(root.name, root.path), silent);
}

/** In glibc's en_US strxfrm orders them one way and strcoll, which PostgreSQL asks, the other. */
const keysDisagree = ['_1C', '1.C', '3g', '3-G', '3s', '3.S', '3t', '3 T-', '4q', '4_Q ', '5x', "'5.X"];

/** Strings of many scripts, some of them equal to one another. */
async function sample(): Promise<readonly string[]> {
  const canaries = await readCanaries();
  const others = [...(await readNames()), ...generatedStrings()].filter((_, number) => number % 10 === 0);
  return [...canaries.flatMap(({ left, right }) => [left, right]), ...keysDisagree, ...others];
}

function corpusOf(strings: readonly string[]): CollationCorpus {
  return new CorpusBuilder().addStrings('sample', 'everyday', strings).build();
}

/** The numbers of a corpus's first strings in the order of a locale, by the probe. */
async function askedOfProbe(
  probe: Probe,
  provider: LibraryProvider,
  locale: string,
): Promise<readonly number[]> {
  const [ranks, bytes] = [await probe.ranks(provider, locale, 0), await probe.ranks('libc', 'C', 0)];
  if (!(ranks instanceof Uint32Array) || !(bytes instanceof Uint32Array)) return [];
  const ascending = Uint32Array.from({ length: ranks.length }, (_, index) => index);
  return [...inverse(totalOrder(ranks, inverse(totalOrder(bytes, ascending))))];
}

/** The same by the server. */
async function askedOfServer(
  client: Client,
  strings: readonly string[],
  collation: string,
): Promise<readonly number[]> {
  const { rows } = await client.query<{ readonly number: string }>(
    `SELECT number - 1 AS number FROM unnest($1::text[]) WITH ORDINALITY AS given (string, number)
     ORDER BY string COLLATE "${collation}", number`,
    [strings],
  );
  return rows.map(({ number }) => Number(number));
}

test.group('the collation probe', () => {
  test('orders as the server of PostgreSQL {$self} does')
    .with([...testedMajors([15, 17, 18])])
    .run(async ({ assert }, major) => {
      await using host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major);
      await using server = await cluster.start({});
      await using probe = await openProbe(major);
      const strings = await sample();
      await probe.addCorpus(corpusOf(strings).bytes);
      const client = await server.connect();
      try {
        const orders: (readonly number[])[] = [];
        for (const { provider, locale, collation } of [
          { provider: 'libc', locale: 'C.UTF-8', collation: 'C.utf8' },
          { provider: 'libc', locale: 'en_US.utf8', collation: 'en_US.utf8' },
          { provider: 'libc', locale: 'lv_LV.utf8', collation: 'lv_LV.utf8' },
          { provider: 'icu', locale: 'und', collation: 'und-x-icu' },
          { provider: 'icu', locale: 'sv', collation: 'sv-x-icu' },
          { provider: 'icu', locale: 'zh-Hans', collation: 'zh-Hans-x-icu' },
        ] as const) {
          const probed = await askedOfProbe(probe, provider, locale);
          assert.deepEqual(probed, await askedOfServer(client, strings, collation), collation);
          orders.push(probed);
        }
        // Six orders that are all the same would agree about nothing.
        assert.lengthOf(new Set(orders.map((order) => order.join())), 6);
      } finally {
        await client.end();
      }
    });

  test("names versions as the server does, and what the server's Unicode assigns", async ({ assert }) => {
    await using host = await openComputeImage(17);
    await using cluster = await RealCluster.make(host, 17);
    await using server = await cluster.start({});
    await using probe = await openProbe(17);
    const client = await server.connect();
    try {
      for (const [request, collation] of [
        ['libc en_US.utf8', 'en_US.utf8'],
        ['libc C.utf8', 'C.utf8'],
        ['icu und', 'und-x-icu'],
        ['icu sv', 'sv-x-icu'],
      ] as const) {
        const { rows } = await client.query<{ readonly version: string | null }>(
          'SELECT pg_collation_actual_version(oid) AS version FROM pg_collation WHERE collname = $1',
          [collation],
        );
        const answer = await probe.ask(`describe ${request}`);
        const version = answer.kind === 'answered' ? answer.body.toString('utf8').split('\t')[1] : undefined;
        assert.equal(version || null, rows[0]?.version ?? null, collation);
      }
      const { rows } = await client.query<{ readonly unicode: string }>(
        'SELECT icu_unicode_version() AS unicode',
      );
      const icu = await probe.icuVersion();
      assert.equal(icu.kind === 'answered' && icu.body.toString('utf8').split('\t')[1], rows[0]?.unicode);
    } finally {
      await client.end();
    }
  });

  test('gives equal strings one rank', async ({ assert }) => {
    await using probe = await openProbe(17);
    await probe.addCorpus(corpusOf(['b', 'é', 'e\u0301', 'a', 'f']).bytes);
    assert.deepEqual([...((await probe.ranks('icu', 'und', 0)) as Uint32Array)], [1, 2, 2, 0, 4]);
    assert.deepEqual([...((await probe.ranks('icu', 'und-u-ks-level1', 0)) as Uint32Array)], [1, 2, 2, 0, 4]);
    assert.deepEqual([...((await probe.ranks('libc', 'C', 0)) as Uint32Array)], [1, 4, 2, 0, 3]);
  });

  test('says why there is no order: {request}')
    .with([
      { request: 'rank libc xx_XX.utf8 0', words: 'there is no such locale' },
      { request: 'rank libc C 7', words: 'there is no such corpus' },
      { request: 'rank libc C', words: 'there is no such corpus' },
      { request: 'describe libc', words: 'no locale' },
      { request: 'assigned', words: 'no provider' },
      { request: 'nonsense libc C', words: 'an unknown request' },
    ])
    .run(async ({ assert }, { request, words }) => {
      await using probe = await openProbe(17);
      await probe.addCorpus(corpusOf(['a']).bytes);
      assert.deepEqual(await probe.ask(request), { kind: 'refused', words });
    });

  test('a root without libicu has no order of it', async ({ assert }) => {
    const { path } = await ensureRoot(computeRecipe(17), silent);
    await using probe = await Probe.open(
      { ...(await rootEnvironment('debian:13', path)), icu: undefined },
      silent,
    );
    assert.deepEqual(await probe.icuVersion(), { kind: 'refused', words: 'there is no libicu here' });
    assert.equal(await probe.libcVersion(), '2.41');
  });

  test('every tailoring that libicu lists is among the locales, one that is the root again, too', async ({
    assert,
  }) => {
    await using probe = await openProbe(17);
    const listed = await probe.ask('icu-locales');
    const tags = listed.kind === 'answered' ? listed.body.toString('utf8').split('\n').filter(Boolean) : [];
    const names = (await icuLocales(probe)).map(({ name }) => name);
    assert.includeMembers(names, tags);
    assert.includeMembers(names, ['de-u-co-phonebk', 'zh-u-co-stroke', 'und-u-co-emoji', 'en-u-co-emoji']);
  });
});
