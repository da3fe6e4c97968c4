import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { ensureReferenceBundle } from '../../../harness/bundle/reference/ensure.ts';
import { CorpusBuilder } from '../../../harness/collation/corpus.ts';
import { rootEnvironment } from '../../../harness/collation/environment.ts';
import { type LibraryProvider, Probe } from '../../../harness/collation/probe.ts';
import { inverse, totalOrder } from '../../../harness/collation/total-order.ts';
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import { composedImage } from '../../../harness/host/composition/composition-recipe.ts';
import { databaseHostRecipe } from '../../../harness/host/database-host.ts';
import { silent } from '../../../harness/host/progress.ts';
import { ensureRoot, type Root } from '../../../harness/host/root.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { rejectionOf } from '../../support/error-code.ts';
import { RealCluster } from '../../support/real-cluster.ts';

/** Pairs that flip between ICU 72 and 76, and under C.UTF-8 between the libc of Debian 11 and 12. */
const strings = [
  "O'Connor",
  'O\u{2019}Brien',
  "la's",
  'La\u{2019}os',
  'user1',
  'user\u{1F600}',
  '\u{1F600}',
  'a',
  'A',
  'Zz',
];

async function composed(words: string): Promise<Root> {
  return ensureRoot((await composedImage(words, silent)).recipe, silent);
}

interface Said {
  readonly icu: string;
  readonly libc: string;
  readonly byIcu: readonly string[];
  readonly byLibc: readonly string[];
  readonly xml: boolean;
}

async function askServer(root: Root, major: number): Promise<Said> {
  await using host = await openChrootHost(root.name, root.path);
  await using cluster = await RealCluster.make(host, major);
  await using server = await cluster.start({});
  const client = await server.connect();
  await client.query(`CREATE COLLATION bytewise (provider = libc, locale = 'C.UTF-8')`);
  const { rows } = await client.query<Said>(
    `SELECT (SELECT pg_collation_actual_version(oid) FROM pg_collation WHERE collname = 'und-x-icu') AS icu,
            (SELECT pg_collation_actual_version(oid) FROM pg_collation WHERE collname = 'en_US.utf8') AS libc,
            (SELECT array_agg(s ORDER BY s COLLATE "und-x-icu") FROM unnest($1::text[]) AS s) AS "byIcu",
            (SELECT array_agg(s ORDER BY s COLLATE bytewise) FROM unnest($1::text[]) AS s) AS "byLibc",
            xmlparse(document '<a/>') IS DOCUMENT AS xml`,
    [strings],
  );
  await client.end();
  await server.stop('fast');
  const [said] = rows;
  if (said === undefined) throw new Error('the server said nothing');
  return said;
}

/** The order of a root by our probe, ties broken by bytes. */
async function askProbe(
  rootPath: string,
  provider: LibraryProvider,
  locale: string,
): Promise<readonly string[]> {
  await using probe = await Probe.open(await rootEnvironment('asked', rootPath), silent);
  const corpus = await probe.addCorpus(
    new CorpusBuilder().addStrings('few', 'everyday', strings).build().bytes,
  );
  const [ranks, bytes] = [
    await probe.ranks(provider, locale, corpus),
    await probe.ranks('libc', 'C', corpus),
  ];
  if (!(ranks instanceof Uint32Array) || !(bytes instanceof Uint32Array))
    throw new Error('the probe refuses');
  const ascending = Uint32Array.from(strings.keys());
  return [...inverse(totalOrder(ranks, inverse(totalOrder(bytes, ascending))))].map(
    (number) => strings[number] ?? '',
  );
}

async function orderOf(host: string, provider: LibraryProvider, locale: string): Promise<readonly string[]> {
  return askProbe((await ensureRoot(databaseHostRecipe(host), silent)).path, provider, locale);
}

test.group('composed roots', () => {
  test("npm's server takes libc and locales of one root and libicu of another", async ({ assert }) => {
    const root = await composed('pg=npm:17,libc=debian:11,icu=debian:13');
    const { icu, libc, byIcu, byLibc, xml } = await askServer(root, 17);
    assert.deepEqual({ icu, libc, xml }, { icu: '153.128', libc: '2.31', xml: true });
    assert.deepEqual(byIcu, await orderOf('debian:13', 'icu', 'und'));
    assert.notDeepEqual(byIcu, await orderOf('debian:12', 'icu', 'und'));
    assert.deepEqual(byLibc, await orderOf('debian:11', 'libc', 'C.UTF-8'));
    assert.notDeepEqual(byLibc, await orderOf('debian:12', 'libc', 'C.UTF-8'));
    assert.deepEqual(await askProbe(root.path, 'icu', 'und'), byIcu);
    assert.deepEqual(await askProbe(root.path, 'libc', 'C.UTF-8'), byLibc);
  });

  test("Debian's server takes another libicu, and a newer libc", async ({ assert }) => {
    const root = await composed('pg=debian:12,libc=debian:13,icu=debian:11');
    const { icu, libc, byIcu, xml } = await askServer(root, 15);
    assert.deepEqual({ icu, libc, xml }, { icu: '153.14', libc: '2.41', xml: true });
    assert.deepEqual(byIcu, await orderOf('debian:11', 'icu', 'und'));
  });

  test('locales alone are exchanged, too', async ({ assert }) => {
    const root = await composed('pg=npm:17,libc=debian:12,locales=debian:11');
    assert.deepEqual(
      await askProbe(root.path, 'libc', 'C.UTF-8'),
      await orderOf('debian:11', 'libc', 'C.UTF-8'),
    );
  });

  test("libicu's data is exchanged under the same code", async ({ assert }) => {
    const root = await composed('pg=npm:17,icu=debian:12,icudata=debian:13');
    assert.deepEqual(await askProbe(root.path, 'icu', 'und'), await orderOf('debian:13', 'icu', 'und'));
    await using probe = await Probe.open(await rootEnvironment('asked', root.path), silent);
    const version = await probe.icuVersion();
    assert.equal(version.kind === 'answered' ? version.body.toString().split('\t')[0] : '', '72.1');
  });

  test('says whose its parts are, and nothing of its sources changes', async ({ assert }) => {
    const icu = await ensureRoot(databaseHostRecipe('debian:13'), silent);
    const place = 'usr/lib/x86_64-linux-gnu/libicuuc.so.76';
    const before = await readFile(join(icu.path, place));
    const root = await composed('icu=debian:13,libc=debian:11');
    assert.equal(root.name, 'pg=npm:17.10,libc=debian:11,icu=debian:13');
    assert.deepEqual(root.composition?.parts, {
      pg: 'npm:17.10',
      libc: 'debian:11',
      locales: 'debian:11',
      icu: 'debian:13',
      icudata: 'debian:13',
    });
    assert.deepEqual(root.composition?.icu, { directory: '/usr/lib/postgresql/17/lib', major: 76 });
    const brought = root.composition?.libraries.find(({ path }) => path.endsWith('/libicuuc.so.76'));
    assert.equal(brought?.from, 'debian:13');
    assert.includeMembers([...(brought?.shimmed ?? [])], ['stat']);
    assert.isTrue(before.equals(await readFile(join(icu.path, place))));
    assert.isFalse(before.equals(await readFile(join(root.path, brought?.path ?? ''))));
  });

  test("a bundle's libc, locales and libicu are parts, as far as it has them", async ({ assert }) => {
    const { path: bundle } = await ensureReferenceBundle(silent);
    const root = await composed(`pg=npm:17,libc=${bundle},icu=${bundle}`);
    const { icu, libc, byIcu, byLibc, xml } = await askServer(root, 17);
    assert.deepEqual({ icu, libc, xml }, { icu: '153.128', libc: '2.41', xml: true });
    assert.deepEqual(byIcu, await orderOf('debian:13', 'icu', 'und'));
    assert.deepEqual(byLibc, await orderOf('debian:13', 'libc', 'C.UTF-8'));
    assert.deepEqual(await askProbe(root.path, 'icu', 'und'), byIcu);
    assert.equal(root.composition?.parts.libc, bundle);
    assert.notProperty(root.packages, 'libc6', 'nobody knows which package it was');
    // What Debian's server in the bundle does not need is not there, and an empty one stands for what npm's server asks for.
    const libraries = await readdir(join(root.path, 'lib/x86_64-linux-gnu'));
    assert.include(libraries, 'libpthread.so.0');
    assert.notInclude(libraries, 'libnss_compat.so.2');
  });

  test('a libc that is too old for the server is refused, and the symbols are named', async ({ assert }) => {
    const error = await rejectionOf(composed('pg=debian:13,libc=debian:12'));
    assert.equal(`${error.kind} ${error.code}`, 'usage cannot-compose');
    assert.match(
      error.message,
      /the server of debian:13 does not run there: postgres needs GLIBC_2\.38 of lib[cm]\.so\.6/,
    );
  });

  test('a libicu that lacks a function of the server is refused, and the function is named', async ({
    assert,
  }) => {
    await using place = await temporaryDirectory('a poor libicu');
    const libraries = 'usr/lib/x86_64-linux-gnu';
    const source = (await ensureRoot(databaseHostRecipe('debian:12'), silent)).path;
    await mkdir(join(place.path, libraries), { recursive: true });
    for (const name of ['libicudata.so.72', 'libicuuc.so.72', 'libicui18n.so.72'])
      await copyFile(join(source, libraries, name), join(place.path, libraries, name));
    const poor = join(place.path, libraries, 'libicui18n.so.72');
    const bytes = await readFile(poor);
    bytes.write('ucol_strcollUTF9_72', bytes.indexOf('ucol_strcollUTF8_72'), 'latin1');
    await writeFile(poor, bytes);
    const error = await rejectionOf(composed(`pg=npm:17,icu=${place.path}`));
    assert.equal(`${error.kind} ${error.code}`, 'usage cannot-compose');
    assert.match(error.message, /ICU 72 of .* lacks ucol_strcollUTF8_60, which .*bin\/postgres calls/);
  });

  test('a root without libicu, or without glibc, gives none', async ({ assert }) => {
    await using place = await temporaryDirectory('an empty root');
    const noIcu = await rejectionOf(composed(`pg=npm:17,icu=${place.path}`));
    assert.match(noIcu.message, /has no libicu/);
    const noLibc = await rejectionOf(composed(`pg=npm:17,libc=${place.path}`));
    assert.match(noLibc.message, /has no libc\.so\.6/);
    assert.deepEqual([noIcu.code, noLibc.code], ['cannot-compose', 'cannot-compose']);
  });
});
