import { test } from '@japa/runner';

import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import type { LocaleAttribution } from '../../harness/collation/attribution/attribution.ts';
import type { Drift } from '../../harness/collation/drift.ts';
import type { LocaleDrift } from '../../harness/collation/locale-drift.ts';
import { composedImage } from '../../harness/host/composition/composition-recipe.ts';
import { silent } from '../../harness/host/progress.ts';
import { redoubt } from '../support/redoubt-command.ts';

interface AttributedDrift extends Omit<Drift, 'locales'> {
  readonly locales: readonly (LocaleDrift & { readonly attribution: LocaleAttribution | null })[];
}

const sides = '--from libc=debian:11,icu=debian:12 --to libc=debian:12,icu=debian:13';

test.group('redoubt drift --attribute', () => {
  test('blames the locale data of libc for C.UTF-8 and the data of libicu for its root, with the runs', async ({
    assert,
  }) => {
    const { exitCode, stdout } = await redoubt(
      `drift ${sides} --locale C.UTF-8,und --quick --attribute --json --quiet`.split(' '),
    );
    assert.equal(exitCode, 1);
    const { locales } = JSON.parse(stdout) as AttributedDrift;
    const attributionOf = (provider: string, locale: string): LocaleAttribution | null | undefined =>
      locales.find((each) => each.provider === provider && each.locale === locale)?.attribution;
    const bytewise = attributionOf('libc', 'C.UTF-8');
    assert.containSubset(bytewise, { cause: 'locale-data', library: 'libc', parts: ['locales'] });
    const root = attributionOf('icu', 'und');
    assert.containSubset(root, { cause: 'libicu-data', library: 'libicu', parts: ['icudata'] });
    assert.deepEqual(root?.notSwapped, []);
    assert.isNull(attributionOf('builtin', 'C.UTF-8'), 'nothing changes, nothing is to blame');

    const run = (asked: string, base: string, parts: string): unknown =>
      root?.runs.find((each) => each.asked === asked && each.base === base && each.parts.join() === parts);
    const environment = 'pg=npm:17.10,libc=debian:11,icu=debian:12,icudata=debian:13';
    assert.containSubset(run('libraries', 'from', 'icudata'), { environment, like: 'to' });
    assert.containSubset(run('libraries', 'from', 'icu'), { like: 'from' });
    assert.containSubset(run('libraries', 'from', 'libc,locales'), { like: 'from' });
    assert.containSubset(run('server', 'to', 'icu,icudata'), { like: 'from', refused: null });
  });

  test('says the same for people', async ({ assert }) => {
    const { stdout } = await redoubt(
      `drift ${sides} --provider icu --locale und --quick --attribute --quiet`.split(' '),
    );
    assert.match(stdout, /^cause {4}icu und: libicu: its data, not its code$/m);
    assert.match(
      stdout,
      /libicu's data into from +(> )*> +pg=npm:17\.10,libc=debian:11,icu=debian:12,icudata=debian:13$/m,
    );
    assert.match(stdout, /exchanged without effect: libc with its locale data, libicu's code$/m);
  });

  test("blames the libicu of a candidate bundle, and not its libc, against a compute image's", async ({
    assert,
  }) => {
    const image = await composedImage('pg=npm:17,libc=debian:12,icu=debian:13', silent);
    const { path } = await ensureReferenceBundle(silent, [17], [image]);
    const words = `--from pg=npm:17,libc=debian:12,icu=debian:12 --to ${path}`;
    const { exitCode, stdout } = await redoubt(
      `drift ${words} --provider icu --locale und --quick --attribute --json --quiet`.split(' '),
    );
    assert.equal(exitCode, 1);
    const attribution = (JSON.parse(stdout) as AttributedDrift).locales[0]?.attribution;
    assert.containSubset(attribution, { cause: 'libicu-data', parts: ['icudata'], notSwapped: [] });
    const likeOf = (asked: string, parts: string): unknown =>
      attribution?.runs
        .filter((run) => run.asked === asked && run.parts.join() === parts)
        .map(({ base, like, environment }) => [base, like, environment.replaceAll(path, 'BUNDLE')]);
    const [compute, bundle] = ['pg=npm:17.10,libc=debian:12', 'pg=npm:17.10,libc=BUNDLE'];
    assert.deepEqual(likeOf('server', 'icu,icudata'), [
      ['from', 'to', `${compute},icu=BUNDLE`],
      ['to', 'from', `${bundle},icu=debian:12`],
    ]);
    assert.deepEqual(likeOf('libraries', 'libc,locales'), [
      ['from', 'from', `${bundle},icu=debian:12`],
      ['to', 'to', `${compute},icu=BUNDLE`],
    ]);
  });

  test("blames the server for builtin letters that PostgreSQL 18 changes, and nothing for a minor's", async ({
    assert,
  }) => {
    const words = '--provider builtin --locale C.UTF-8 --attribute --json --quiet';
    const ask = async (from: string, to: string) => {
      const { exitCode, stdout } = await redoubt(`drift --from ${from} --to ${to} ${words}`.split(' '));
      const [found] = (JSON.parse(stdout) as AttributedDrift).locales;
      return { exitCode, ...found };
    };
    const majors = await ask('npm:17', 'npm:18');
    assert.equal(majors.exitCode, 0, 'letters are told, and are no drift of order');
    assert.containSubset(majors, { order: 'same', equality: 'same', evidence: ['facts', 'characters'] });
    // Unicode 15.1 and 16.0: 27 letters of Garay, Latin and Cyrillic got a case.
    assert.containSubset(majors.characters?.changed, { lower: 27, upper: 27 });
    assert.containSubset(majors.attribution, { cause: 'server-minor', library: 'server', parts: ['server'] });
    assert.containSubset(majors.attribution?.characters[0], { what: 'lower', codePoints: ['U+1C89'] });
    const seen = majors.attribution?.runs.map(({ base, parts, like }) =>
      [base, parts.join(), like].join(' '),
    );
    assert.sameMembers(
      [...(seen ?? [])],
      [
        'from  from',
        'to  to',
        'from icu,icudata from',
        'to icu,icudata to',
        'from server to',
        'to server from',
      ],
    );
    if (process.env['REDOUBT_TEST_TIER'] !== 'full') return;
    const minors = await ask('npm:17.0', 'npm:17.10');
    assert.containSubset(minors.characters?.changed, { lower: 0, upper: 0, alpha: 0, punct: 0 });
    assert.containSubset(minors.attribution, { cause: 'none', library: null, parts: [] });
    assert.equal(new Set(minors.attribution?.runs.map((run) => run.seen?.join())).size, 1);
    assert.isTrue(minors.attribution?.runs.some(({ parts }) => parts.includes('server')));
  });

  test('a bundle without the major that is wanted is refused', async ({ assert }) => {
    const { path } = await ensureReferenceBundle(
      silent,
      [17],
      [await composedImage('pg=npm:17,libc=debian:12,icu=debian:13', silent)],
    );
    for (const words of [
      `--from ${path} --to debian:12 --pg 16`,
      `--from debian:12 --to pg=npm:16,icu=${path}`,
    ]) {
      const { exitCode, stderr } = await redoubt(['drift', ...words.split(' '), '--attribute', '--quiet']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /the bundle .* has no C library of its own for major 16/);
    }
  });
});
